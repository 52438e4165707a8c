/** Audits over the open clients: of the engine behind HTTP, and of a command of the `seatlog` program. */

import type { BuyerAudit } from '../audit/answers.ts';
import { auditBuyer, type BuyerQuestion } from '../audit/buyer.ts';
import { auditOrder, type OrderAnswer, type OrderQuestion } from '../audit/order.ts';
import { auditProgram, type ProgramAnswer, type ProgramQuestion } from '../audit/program.ts';
import { auditSeat, type SeatAnswer, type SeatQuestion } from '../audit/seat.ts';
import type { CommandContext } from '../commands/ports.ts';
import { recordAuditRead } from '../commands/record-audit-read.ts';
import { createWarmStreams } from '../commands/warm-streams.ts';
import { type AuditRead, auditTrailDecider } from '../domain/audit-trail/index.ts';
import type { UserId } from '../domain/shared/ids.ts';
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

/** How a question is asked: who waits for it, and who is told why it may take long. */
export type Asking = {
  readonly signal?: AbortSignal | undefined;
  readonly onNote?: (note: string) => void;
};

/** Each rejects with what the stores reject with, and with the reason of the signal. */
export type Audit = {
  /** To be awaited before anything is answered. */
  readonly record: (
    operator: UserId,
    read: Omit<AuditRead, 'readAtMs'>,
    context: CommandContext,
  ) => Promise<void>;
  readonly order: (question: OrderQuestion, asking: Asking) => Promise<OrderAnswer>;
  readonly seat: (question: SeatQuestion, asking: Asking) => Promise<SeatAnswer>;
  readonly buyer: (question: BuyerQuestion, asking: Asking) => Promise<BuyerAudit>;
  readonly program: (question: ProgramQuestion, asking: Asking) => Promise<ProgramAnswer>;
};

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
    program: (question, asking) => auditProgram({ log, ...asking }, question),
  };
};
