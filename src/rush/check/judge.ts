/** Holds what buyers were told against the log. */
import type { Audited } from '../../auditor/index.ts';
import type { Findings } from './findings.ts';

/**
 * What a buyer was told, and by which word: `placed` is 201 or a queued order that was decided, `queued`
 * is 202.
 */
export type Acknowledged = {
  readonly orderNumber: string;
  readonly buyer: string;
  readonly as: 'placed' | 'queued';
};

/** Returns how many acknowledgements were held against the log. */
export function judgeAcknowledged(
  audited: Pick<Audited, 'orders' | 'queued'>,
  acknowledged: Iterable<Acknowledged>,
  findings: Findings,
): number {
  const wrong = (text: string) => findings.broken('acknowledged', text);
  let count = 0;
  for (const { orderNumber, buyer, as } of acknowledged) {
    count += 1;
    const found = (as === 'placed' ? audited.orders : audited.queued).get(orderNumber);
    if (found === undefined)
      wrong(`order ${orderNumber} of ${buyer} was acknowledged as ${as} and is not in the log`);
    else if (found.buyer !== buyer) wrong(`order ${orderNumber} of ${buyer} is ${found.buyer}'s in the log`);
  }
  return count;
}
