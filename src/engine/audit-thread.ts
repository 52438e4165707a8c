/**
 * What runs in the thread of an audit: one task over an event store of its own, one answer, and the end. The database
 * client keeps its state in its module, of which a thread has its own: nothing is shared with the engine but the CPU.
 */
import { isMainThread, parentPort, threadId, workerData } from 'node:worker_threads';
import type { AuditTask, AuditTaskAnswer } from '../api/audit-runs.ts';
import { whyNoHall } from '../audit/hall.ts';
import { LogGapError } from '../auditor/read-log.ts';
import { GRACE_MS, makeReport } from '../auditor/signed-report.ts';
import { CorruptEventError, type EventStore, EventStoreError, openEventStore } from '../eventstore/index.ts';
import { reportKeyOf } from '../signing.ts';
import { compare } from '../what-if/compare.ts';
import { readRecordedSale } from '../what-if/recorded-sale.ts';
import { createAuditLog } from './audit-log.ts';
import type { AuditJob, AuditThreadSaid } from './audit-worker.ts';

const answer = (store: EventStore, { task, auditKey }: AuditJob): Promise<AuditTaskAnswer> =>
  task.kind === 'verify' ? verify(store, task, auditKey) : replay(store, task);

const verify = async (
  store: EventStore,
  { programId }: Extract<AuditTask, { kind: 'verify' }>,
  auditKey: AuditJob['auditKey'],
): Promise<AuditTaskAnswer> => {
  const report = await makeReport(store, {
    ...(programId !== undefined && { programId }),
    ...{ graceMs: GRACE_MS, nowMs: Date.now() },
    key: auditKey && reportKeyOf({ bytes: auditKey }),
  });
  return report === undefined ? { kind: 'refused', code: 'program_not_found' } : documentOf(report);
};

const replay = async (
  store: EventStore,
  { programId, whatIf }: Extract<AuditTask, { kind: 'replay' }>,
): Promise<AuditTaskAnswer> => {
  const sale = await readRecordedSale(store, programId);
  if (sale !== undefined) return documentOf(compare(sale, whatIf));
  return { kind: 'refused', code: await whyNoHall(createAuditLog(store), programId) };
};

/** To the byte what the command line prints. */
const documentOf = (document: unknown): AuditTaskAnswer => ({
  kind: 'answer',
  json: new TextEncoder().encode(`${JSON.stringify(document, undefined, 2)}\n`),
});

/** Errors lose their class on the way to another thread: those that somebody there tells apart are said in words. */
const saidOf = (error: unknown): AuditThreadSaid => {
  if (error instanceof LogGapError || error instanceof CorruptEventError) {
    return { kind: 'refused', code: 'log_unreadable', detail: error.message, threadId };
  }
  if (error instanceof EventStoreError) return { kind: 'failed', error: error.kind, message: error.message };
  throw error;
};

const job: AuditJob = workerData;
if (isMainThread || parentPort === null) throw new Error('An audit is run in a thread of its own.');
const store = openEventStore({ connectionString: job.eventStoreUrl });
const said = await answer(store, job).then((told): AuditThreadSaid => ({ ...told, threadId }), saidOf);
await store.close();
parentPort.postMessage(said, said.kind === 'answer' ? [said.json.buffer as ArrayBuffer] : []);
