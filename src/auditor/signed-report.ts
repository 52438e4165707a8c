/** An audit and its report in one: what the command line prints and what HTTP answers are the same document. */
import { type AuditOptions, auditLog } from './audit.ts';
import type { Log } from './read-log.ts';
import { type AuditReport, type ReportKey, reportOf, signReport } from './report.ts';

/** How long past its time something may still be alive, unless told otherwise. */
export const GRACE_MS = 30_000;

/**
 * Unsigned without a key. Undefined for a program that the log has nothing of. Rejects with the event store's error,
 * with the reason of the signal, and with `LogGapError`.
 */
export async function makeReport(
  log: Log,
  options: AuditOptions & { readonly key: ReportKey | undefined },
): Promise<AuditReport | undefined> {
  const { programId, nowMs, key } = options;
  const { audited, upTo, judgedAtMs } = await auditLog(log, options);
  if (programId !== undefined && audited.programs.length === 0) return undefined;
  const made = { madeAtMs: nowMs, scope: programId ?? 'all', upTo, judgedAtMs };
  return signReport(reportOf(audited, made), key);
}
