/** What each event of a sale means, in the auditor's own words. */
import type { EventRef } from './event-ref.ts';
import { issued, late, paid, refunded } from './money-events.ts';
import { held, holdEnded, orderEnded, placed, rejected, repeated, reseated } from './order-events.ts';
import type { SaleFold } from './sale-fold.ts';
import type { Saying } from './stored-format.ts';

type SaleEvent = Exclude<Saying<'Sale'>, { readonly type: 'SaleStarted' }>;

export function foldSaleEvent(sale: SaleFold, { type, data }: SaleEvent, by: EventRef): void {
  switch (type) {
    case 'SaleRescheduled':
      sale.hours = { ...data, by };
      break;
    case 'SeatsHeld':
      held(sale, data, by);
      break;
    case 'HoldReleased':
    case 'HoldExpired':
      holdEnded(sale, data, by);
      break;
    case 'OrderPlaced':
      placed(sale, data, by);
      break;
    case 'OrderRejected':
      rejected(sale, data, by);
      break;
    case 'OrderRepeated':
      repeated(sale, data, by);
      break;
    case 'OrderCancelled':
      orderEnded(sale, data, 'cancelled', by);
      break;
    case 'OrderExpired':
      orderEnded(sale, data, 'expired', by);
      break;
    case 'OrderReseated':
      reseated(sale, data, by);
      break;
    case 'OrderPaid':
      paid(sale, data, by);
      break;
    case 'LatePaymentRefused':
      late(sale, data, by);
      break;
    case 'TicketsIssued':
      issued(sale, data, by);
      break;
    case 'OrderRefunded':
      refunded(sale, data, by);
      break;
    case 'SaleEnded':
      sale.endedBy ??= by;
      break;
    default:
      throw new Error(`Nobody reads ${JSON.stringify(type satisfies never)}.`);
  }
}

export type StillAlive = {
  readonly orders: number;
  readonly holds: number;
  /** Paid orders whose tickets are not issued yet. */
  readonly unissued: number;
};

/** What can be judged at the end of the log only. Due means that its time is before `dueBeforeMs`. */
export function closeSale(sale: SaleFold, dueBeforeMs: number): StillAlive {
  const { findings, orders, holds } = sale;
  const alive = { orders: 0, holds: holds.size, unissued: 0 };
  for (const order of orders.values()) {
    const { orderNumber, status, deadlineMs, last } = order;
    if (status === 'paid') {
      alive.unissued += 1;
      if (last.recordedAtMs >= dueBeforeMs) continue;
      findings.broken(
        'tickets_not_issued',
        `order ${orderNumber} is paid and has no tickets`,
        order.placedBy,
        last,
      );
    }
    if (status !== 'awaiting_payment') continue;
    alive.orders += 1;
    if (deadlineMs >= dueBeforeMs) continue;
    findings.broken(
      'order_not_ended',
      `order ${orderNumber} was to end ${at(deadlineMs)}`,
      order.placedBy,
      last,
    );
  }
  for (const [holdToken, { expiresAtMs, by }] of holds) {
    if (expiresAtMs >= dueBeforeMs) continue;
    findings.broken('hold_not_ended', `hold ${holdToken} was to end ${at(expiresAtMs)}`, by);
  }
  return alive;
}

const at = (ms: number): string => new Date(ms).toISOString();
