/**
 * Whether what an index knows of an order can be all there is. The index may lack an event as well as have a wrong one,
 * and only the order's own story tells.
 */
import type { OrderEvent } from './log.ts';

type Stage = 'none' | 'queued' | 'awaiting' | 'ended' | 'paid' | 'over';

/** What may come next in the sale and its queue, and what the order is then. */
const NEXT: Readonly<Record<string, readonly [to: Stage, ...from: Stage[]]>> = {
  OrderQueued: ['queued', 'none'],
  OrderPlaced: ['awaiting', 'none', 'queued'],
  OrderRejected: ['over', 'queued'],
  OrderRepeated: ['over', 'queued'],
  OrderCancelled: ['ended', 'awaiting'],
  OrderExpired: ['ended', 'awaiting'],
  OrderReseated: ['awaiting', 'ended'],
  LatePaymentRefused: ['over', 'ended'],
  OrderPaid: ['paid', 'awaiting'],
  // Tickets may go back before they are made out.
  TicketsIssued: ['over', 'paid', 'over'],
  OrderRefunded: ['over', 'paid', 'over'],
};

/** How late an engine may be with what was due. */
const LATE_MS = 60_000;

/** False where an event must be missing, or what was due by `nowMs` has not come: then the log has to be asked. */
export const isWholeStory = (events: readonly OrderEvent[], nowMs: number): boolean => {
  let [stage, dueMs]: [Stage, number] = ['none', Number.POSITIVE_INFINITY];
  let refundsOwed = 0;
  for (const { type, data, recordedAtMs } of events) {
    if (type === 'RefundRequested' && data.reason === 'tickets_returned') refundsOwed += 1;
    const [to, ...from] = NEXT[type] ?? [];
    if (to === undefined) continue;
    if (!from.includes(stage)) return false;
    if (type === 'OrderPlaced' && (data.queue === undefined) !== (stage === 'none')) return false;
    if (type === 'OrderQueued' || type === 'OrderPlaced') dueMs = data.deadlineMs;
    if (type === 'OrderPaid') dueMs = recordedAtMs;
    if (type === 'OrderRefunded') refundsOwed -= 1;
    stage = to;
  }
  const isOpen = stage === 'queued' || stage === 'awaiting' || stage === 'paid';
  return refundsOwed <= 0 && !(isOpen && dueMs + LATE_MS < nowMs);
};
