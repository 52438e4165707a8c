/** What the check knows of a sale while it folds the log, and how an event is tied to what was before it. */
import type { Place, SaleTerms } from '../../domain/sale/index.ts';
import type { Findings } from './findings.ts';
import type { Limits } from './limits.ts';
import type { Books } from './money.ts';
import type { HoldInLog, OrderInLog, QueuedInLog } from './orders.ts';
import type { Places } from './places.ts';

export type SaleFold = {
  readonly terms: SaleTerms;
  readonly places: Places;
  readonly limits: Limits;
  readonly books: Books;
  readonly findings: Findings;
  readonly orders: Map<string, OrderInLog>;
  readonly holds: Map<string, HoldInLog>;
  /** The order of each request. */
  readonly requests: Map<string, string>;
  readonly queued: ReadonlyMap<string, QueuedInLog>;
  /** By lane and revision. */
  readonly queuedAt: ReadonlyMap<string, QueuedInLog>;
};

export const holdName = (token: string): string => `hold ${token}`;
export const orderName = (number: string): string => `order ${number}`;

/** The order, if it is in one of these states; otherwise the event contradicts the log. */
export function known(
  sale: SaleFold,
  orderNumber: string,
  expected: readonly OrderInLog['status'][],
  how: string,
): OrderInLog | undefined {
  const order = sale.orders.get(orderNumber);
  if (order !== undefined && expected.includes(order.status)) return order;
  sale.findings.broken('seats', `order ${orderNumber} is ${order?.status ?? 'not in the log'} (${how})`);
  return undefined;
}

export function sameCount(
  sale: SaleFold,
  had: readonly Place[],
  places: readonly Place[],
  how: string,
): void {
  if (had.length === places.length) return;
  sale.findings.broken('seats', `${places.length} places of ${had.length} changed hands (${how})`);
}
