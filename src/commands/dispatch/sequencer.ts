/**
 * Decides what a lane has queued, in the order of the lane. Its checkpoint and its lease only save work: the sale
 * itself remembers how far it has decided the lane, so a second sequencer, or one that starts over, changes nothing.
 */
import type { QueuedOrder } from '../../domain/order-queue/index.ts';
import type { SaleCommand, SaleOutcome } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { CommandContext } from '../ports.ts';
import type { SaleStream } from './dispatch.ts';

const ACTOR = 'sequencer';
/** Delivered again after a failure at most this often before the lane is given up and shown as failed. */
const MAX_TRIES = 20;
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

export type Delivery = {
  readonly lane: number;
  /** Revision in the lane's stream. */
  readonly revision: bigint;
  readonly order: QueuedOrder;
  readonly correlationId: string;
};

export type SequencerDeps = {
  readonly sale: (programId: ProgramId) => SaleStream;
  readonly nowMs: () => number;
  readonly sleep: (delayMs: number) => Promise<void>;
};

/**
 * Resolves when every order of the batch is decided durably; then, and not before, the checkpoint may move behind
 * it. The batch must be in lane order and begin no later than behind the last one decided. Rejects when the log
 * cannot be reached for long: the batch is to be delivered again.
 */
export const decideQueued = async (deps: SequencerDeps, batch: readonly Delivery[]): Promise<void> => {
  // One warm sale for the whole batch: of two that held the same stream, the later could decide before the earlier.
  const sales = new Map<ProgramId, SaleStream>();
  const sale: SequencerDeps['sale'] = (programId) => {
    const known = sales.get(programId) ?? deps.sale(programId);
    sales.set(programId, known);
    return known;
  };
  for (let tries = 1; ; tries++) {
    // All at once and in order: each sale decides its own together, first come first served. A failure fails all
    // that are behind it too, so none is decided before one that came earlier.
    const results = await Promise.allSettled(batch.map((delivery) => decide({ ...deps, sale }, delivery)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    if (tries === MAX_TRIES) throw failed.reason;
    await deps.sleep(Math.min(FIRST_DELAY_MS * 2 ** (tries - 1), MAX_DELAY_MS));
  }
};

const decide = (deps: SequencerDeps, delivery: Delivery): Promise<SaleOutcome> => {
  const { order, correlationId } = delivery;
  const context: CommandContext = { commandId: order.orderNumber, correlationId, actor: ACTOR };
  return deps.sale(order.programId).submit(commandOf(delivery, deps.nowMs()), context);
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
