/** Audits over the open clients: of the engine behind HTTP, and of a command of the `seatlog` program. */
import type { AuditDeps } from '../api/audit.ts';
import { auditBuyer } from '../audit/buyer.ts';
import { auditOrder } from '../audit/order.ts';
import { auditProgram } from '../audit/program.ts';
import { auditSeat } from '../audit/seat.ts';
import { recordAuditRead } from '../commands/record-audit-read.ts';
import { createWarmStreams } from '../commands/warm-streams.ts';
import { auditTrailDecider } from '../domain/audit-trail/index.ts';
import { accountCodec, auditTrailCodec } from '../event-catalogue.ts';
import type { EventStore } from '../eventstore/index.ts';
import { createStreamLog } from '../eventstore/stream-log.ts';
import { createPersonKeys } from '../postgres/person-keys.ts';
import type { MasterKeys } from '../privacy/index.ts';
import type { Db } from '../projections/database.ts';
import { createAuditIndex } from './audit-index.ts';
import { createAuditLog } from './audit-log.ts';
import { createShowPeople } from './audit-people.ts';

/** Operators at work at a time, times the days that a trail of yesterday is still in memory. */
const MAX_WARM_TRAILS = 100;

export type AuditClients = {
  readonly eventStore: EventStore;
  /** Undefined: from the log alone, and people stay sealed. */
  readonly db: Db | undefined;
  readonly masterKeys: MasterKeys | undefined;
  /** False: events are found in the log alone, though there is an index. */
  readonly useIndex?: boolean;
  readonly nowMs: () => number;
};

export type Audit = AuditDeps['audit'];

export const createAudit = (clients: AuditClients): Audit => {
  const { eventStore, db, masterKeys, useIndex = true, nowMs } = clients;
  const log = createAuditLog(eventStore);
  const index = db !== undefined && useIndex ? createAuditIndex(db) : undefined;
  const people = createShowPeople({
    accountLog: createStreamLog(eventStore, accountCodec),
    keys: db && masterKeys && { masterKeys, personKeys: createPersonKeys(db) },
  });
  const trails = createWarmStreams({
    streamOf: (stream: string) => stream,
    decider: auditTrailDecider,
    log: createStreamLog(eventStore, auditTrailCodec),
    maxWarm: MAX_WARM_TRAILS,
  });
  const finding = { log, index, people, nowMs };
  return {
    record: (operator, read, context) =>
      recordAuditRead({ trail: trails.of, nowMs }, operator, read, context),
    order: (question, asking) => auditOrder({ ...finding, ...asking }, question),
    seat: (question, { signal }) => auditSeat({ log, signal }, question),
    buyer: (question, asking) => auditBuyer({ ...finding, ...asking }, question),
    program: (question, asking) => auditProgram({ log, index, ...asking }, question),
  };
};
