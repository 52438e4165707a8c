/** What each event of a sale means for places, limits, money and requests, in the check's own words. */
import type { SaleEvent } from '../../domain/sale/index.ts';
import { decided, held, holdEnded, orderEnded, placed, reseated } from './order-events.ts';
import { issued, late, paid, refunded } from './payment-events.ts';
import type { SaleFold } from './sale-fold.ts';

type Placed = { readonly revision: bigint; readonly recordedAtMs: number };

export function foldSaleEvent(sale: SaleFold, event: SaleEvent & Placed): void {
  const how = `${event.type} at revision ${event.revision}`;
  switch (event.type) {
    case 'SeatsHeld':
      held(sale, event.data, how);
      break;
    case 'HoldReleased':
    case 'HoldExpired':
      holdEnded(sale, event.data, how);
      break;
    case 'OrderPlaced':
      placed(sale, event.data, how);
      break;
    case 'OrderRejected':
      decided(sale, event.data.queue, { kind: 'rejected', why: event.data.code }, how);
      break;
    case 'OrderRepeated':
      decided(sale, event.data.queue, { kind: 'repeated', why: event.data.of }, how);
      break;
    case 'OrderCancelled':
      orderEnded(sale, event.data, 'cancelled', how);
      break;
    case 'OrderExpired':
      orderEnded(sale, event.data, 'expired', how);
      break;
    case 'OrderReseated':
      reseated(sale, event.data, how);
      break;
    case 'OrderPaid':
      paid(sale, event.data, how, event.recordedAtMs);
      break;
    case 'LatePaymentRefused':
      late(sale, event.data, how);
      break;
    case 'TicketsIssued':
      issued(sale, event.data, how, event.recordedAtMs);
      break;
    case 'OrderRefunded':
      refunded(sale, event.data, how, event.recordedAtMs);
      break;
    default:
      // The start is the caller's; the rest moves neither place nor money.
      break;
  }
}
