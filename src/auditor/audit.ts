/** One audit from beginning to end: which part of the log, judged as of when. */
import { type AuditedLog, createLogAudit } from './log-audit.ts';
import { type Log, type Reading, readProgramLog, readWholeLog } from './read-log.ts';

export type AuditOptions = Pick<Reading, 'signal' | 'onProgress'> & {
  /** Undefined for all of them. */
  readonly programId?: string;
  /** Commit position of the last event that counts; the end of the log unless given. */
  readonly atPosition?: bigint;
  /** How long past its time something may still be alive, in ms. */
  readonly graceMs: number;
  readonly nowMs: number;
};

export type AuditDone = { readonly audited: AuditedLog; readonly upTo: bigint; readonly judgedAtMs: number };

/**
 * With `atPosition` everything is judged as of the time of the last event that was read, else as of now. Rejects with
 * the event store's error, and where the log has been tampered with so that it cannot be read from end to end.
 */
export async function auditLog(log: Log, options: AuditOptions): Promise<AuditDone> {
  const { programId, atPosition, graceMs, nowMs, signal, onProgress } = options;
  const audit = createLogAudit(programId === undefined ? {} : { only: programId });
  let lastMs = 0;
  const reading: Reading = {
    ...(atPosition !== undefined && { until: atPosition }),
    ...(signal !== undefined && { signal }),
    ...(onProgress !== undefined && { onProgress }),
    onEvent: (event) => {
      lastMs = event.recordedAtMs;
      audit.take(event);
    },
  };
  const { position } =
    programId === undefined
      ? await readWholeLog(log, reading)
      : await readProgramLog(log, programId, reading);
  const judgedAtMs = (atPosition === undefined ? nowMs : lastMs) - graceMs;
  return { audited: audit.close(judgedAtMs), upTo: position, judgedAtMs };
}
