/** What can only be judged at the end of the log: holds that should have ended, and what buyers were told. */
import type { Findings } from './findings.ts';
import type { Folded } from './fold.ts';

/**
 * What a buyer was told, and by which word: `placed` is 201 or a queued order that was decided, `queued`
 * is 202.
 */
export type Acknowledged = {
  readonly orderNumber: string;
  readonly buyer: string;
  readonly as: 'placed' | 'queued';
};

export type StillAlive = { readonly orders: number; readonly holds: number };

/** Counts what is alive and not due yet: that is no fault. Due means its deadline is before `dueBeforeMs`. */
export function judgeEnds(folded: Folded, dueBeforeMs: number, findings: Findings): StillAlive {
  const alive = { orders: 0, holds: 0 };
  for (const { orderNumber, status, deadlineMs } of folded.orders.values()) {
    if (status !== 'awaiting_payment') continue;
    alive.orders += 1;
    if (deadlineMs < dueBeforeMs)
      findings.broken('ended', `order ${orderNumber} was to end ${at(deadlineMs)}`);
  }
  for (const [holdToken, { expiresAtMs }] of folded.holds) {
    alive.holds += 1;
    if (expiresAtMs < dueBeforeMs)
      findings.broken('ended', `hold ${holdToken} was to end ${at(expiresAtMs)}`);
  }
  return alive;
}

/** Returns how many acknowledgements were held against the log. */
export function judgeAcknowledged(
  folded: Folded,
  acknowledged: Iterable<Acknowledged>,
  dueBeforeMs: number,
  findings: Findings,
): number {
  const wrong = (text: string) => findings.broken('acknowledged', text);
  let count = 0;
  for (const { orderNumber, buyer, as } of acknowledged) {
    count += 1;
    const found = (as === 'placed' ? folded.orders : folded.queued).get(orderNumber);
    if (found === undefined)
      wrong(`order ${orderNumber} of ${buyer} was acknowledged as ${as} and is not in the log`);
    else if (found.buyer !== buyer) wrong(`order ${orderNumber} of ${buyer} is ${found.buyer}'s in the log`);
  }
  for (const { orderNumber, buyer, deadlineMs, end } of folded.queued.values()) {
    const undecided = end === undefined && deadlineMs < dueBeforeMs;
    if (undecided)
      wrong(`order ${orderNumber} of ${buyer} was queued until ${at(deadlineMs)} and never decided`);
  }
  return count;
}

const at = (ms: number): string => new Date(ms).toISOString();
