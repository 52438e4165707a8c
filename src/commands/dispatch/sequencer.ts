/**
 * Decides what a lane has queued. Programs are decided side by side, so that one whose sale is out of reach holds up no
 * other; each in the order of its lane. Checkpoints and leases only save work: the sale itself remembers how far it has
 * decided the lane, so a second sequencer, or one that starts over, changes nothing.
 */
import type { QueuedOrder } from '../../domain/order-queue/index.ts';
import type { SaleCommand, SaleOutcome } from '../../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { CommandContext, Sleep } from '../ports.ts';
import type { SaleStream } from './dispatch.ts';

const ACTOR = 'sequencer';
/** Submitted together; a sale takes more, but the deadlines of those that wait are looked at anew. */
const MAX_BATCH = 1_000;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;
/** Failures that a store's restart may cause; from then on somebody is told, and again at each doubling. */
const TOLD_AFTER_TRIES = 8;

export type Delivery = {
  readonly lane: number;
  /** Revision in the lane's stream. */
  readonly revision: bigint;
  readonly order: QueuedOrder;
  readonly correlationId: string;
};

/** The sale of the first of these orders cannot be written; it is tried for ever, and its orders wait. */
export type StuckProgram = {
  readonly lane: number;
  readonly programId: ProgramId;
  readonly orderNumber: OrderNumber;
  readonly error: string;
  readonly sinceMs: number;
  readonly tries: number;
};

export type SequencerDeps = {
  readonly sale: (programId: ProgramId) => SaleStream;
  readonly nowMs: () => number;
  readonly sleep: Sleep;
  /** The answer is durable. `already_decided`: it was before, and the log has it. */
  readonly onDecided?: (orderNumber: OrderNumber, outcome: SaleOutcome) => void;
  /** The order is of a program whose sale has not been started: nobody answers it in the log. */
  readonly onUnanswered?: (delivery: Delivery) => void;
  readonly onStuck?: (stuck: StuckProgram) => void;
};

export type Sequencer = {
  /** Deliveries come in the order of the lane. `done` is called behind each that is decided durably. */
  readonly add: (deliveries: readonly Delivery[], done: () => void) => void;
  /** The program that has been failing for longest. */
  readonly stuck: () => StuckProgram | undefined;
  /** Resolves when nothing is being decided. */
  readonly idle: () => Promise<void>;
};

type Waiting = { readonly delivery: Delivery; readonly done: () => void };

/** When `stopping` fires, what has not been submitted yet is left to the next sequencer. */
export const createSequencer = (deps: SequencerDeps, stopping?: AbortSignal): Sequencer => {
  const rows = new Map<ProgramId, { waiting: Waiting[]; readonly ended: Promise<void> }>();
  const stuck = new Map<ProgramId, StuckProgram>();

  const fail = ({ lane, order }: Delivery, error: unknown, tries: number): void => {
    const { programId, orderNumber } = order;
    const sinceMs = stuck.get(programId)?.sinceMs ?? deps.nowMs();
    const now = { lane, programId, orderNumber, error: messageOf(error), sinceMs, tries };
    stuck.set(programId, now);
    if (tries >= TOLD_AFTER_TRIES && Number.isInteger(Math.log2(tries))) deps.onStuck?.(now);
  };

  /** One warm sale for the whole batch: of two that held one stream, the later could decide before the earlier. */
  const decideBatch = async (programId: ProgramId, batch: readonly Waiting[]): Promise<void> => {
    const sale = deps.sale(programId);
    let left = batch;
    for (let tries = 1; left.length > 0 && !stopping?.aborted; tries++) {
      // All at once and in order: the sale decides them together, first come first served. A failure fails all that
      // are behind it too, so none is decided before one that came earlier.
      const results = await Promise.allSettled(left.map((one) => decide(deps, sale, one)));
      const failedAt = results.findIndex(({ status }) => status === 'rejected');
      const [first, failed] = [left[failedAt], results[failedAt]];
      if (first === undefined || failed?.status !== 'rejected') break;
      left = left.filter((_, index) => results[index]?.status === 'rejected');
      fail(first.delivery, failed.reason, tries);
      await deps.sleep(Math.min(FIRST_DELAY_MS * 2 ** Math.min(tries - 1, 16), MAX_DELAY_MS), stopping);
    }
    stuck.delete(programId);
  };

  const work = async (programId: ProgramId): Promise<void> => {
    // Whatever else has arrived by now goes along.
    await Promise.resolve();
    for (let row = rows.get(programId); row !== undefined && row.waiting.length > 0; ) {
      if (stopping?.aborted) break;
      const batch = row.waiting.splice(0, MAX_BATCH);
      await decideBatch(programId, batch);
    }
    rows.delete(programId);
  };

  return {
    add: (deliveries, done) => {
      for (const delivery of deliveries) {
        const { programId } = delivery.order;
        const row = rows.get(programId) ?? { waiting: [], ended: work(programId) };
        rows.set(programId, row);
        row.waiting.push({ delivery, done });
      }
    },
    stuck: () => [...stuck.values()].sort((one, other) => one.sinceMs - other.sinceMs)[0],
    idle: async () => {
      while (rows.size > 0) await Promise.all([...rows.values()].map(({ ended }) => ended));
    },
  };
};

/** Resolves when every order of the batch is decided durably, however long that takes. */
export const decideQueued = async (deps: SequencerDeps, batch: readonly Delivery[]): Promise<void> => {
  const sequencer = createSequencer(deps);
  sequencer.add(batch, () => undefined);
  await sequencer.idle();
};

const decide = async (deps: SequencerDeps, sale: SaleStream, { delivery, done }: Waiting): Promise<void> => {
  const { order, correlationId } = delivery;
  const context: CommandContext = { commandId: order.orderNumber, correlationId, actor: ACTOR, mode: 'v4' };
  const outcome = await sale.submit(commandOf(delivery, deps.nowMs()), context);
  done();
  const state = sale.peek();
  const isUnanswered = outcome.kind === 'refused' && state !== undefined && state.book === undefined;
  // What is told may throw, and must not be taken for a failure of the sale.
  queueMicrotask(() => {
    if (isUnanswered) deps.onUnanswered?.(delivery);
    deps.onDecided?.(order.orderNumber, outcome);
  });
};

/** Past its deadline nobody waits for it any more: it is answered, and holds nothing. */
const commandOf = ({ lane, revision, order }: Delivery, nowMs: number): SaleCommand => {
  const { programId: _, deadlineMs, ...asked } = order;
  const queue = { lane, revision: Number(revision) };
  if (nowMs >= deadlineMs) {
    const { orderNumber, buyer } = order;
    return { type: 'RejectOrder', orderNumber, buyer, code: 'abandoned', queue };
  }
  return { type: 'PlaceOrder', nowMs, queue, ...asked };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
