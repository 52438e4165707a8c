/** Which status an event gives an order, for those who wait for it. */
import { factsOf, findBooking } from '../domain/sale/bookings.ts';
import type { SaleEvent, SaleState } from '../domain/sale/index.ts';
import { keyOfNumber } from '../domain/sale/keys.ts';
import { unreachable } from '../domain/shared/event.ts';
import type { OrderNumber, ProgramId } from '../domain/shared/ids.ts';
import type { OrderStatusWrite } from './order-statuses.ts';

/** Undefined where the order stays what it is. `state` is the sale after the event, or later. */
export function statusChangeOf(
  state: SaleState | undefined,
  programId: ProgramId,
  event: SaleEvent,
  revision: bigint,
): OrderStatusWrite | undefined {
  const common = { programId, revision };
  switch (event.type) {
    case 'OrderPlaced': {
      const { orderNumber, buyer, deadlineMs } = event.data;
      return { ...common, orderNumber, buyer, deadlineMs, status: 'awaiting_payment' };
    }
    case 'OrderRepeated': {
      const { orderNumber, buyer, of } = event.data;
      // The same order queued twice is no other order: it stays what it is.
      return orderNumber === of ? undefined : { ...common, orderNumber, buyer, of, status: 'repeated' };
    }
    case 'OrderRejected': {
      const { orderNumber, buyer, code } = event.data;
      // The order that has this number is another one, and is not touched.
      if (code === 'duplicate_order_number') return undefined;
      return { ...common, orderNumber, buyer, refusal: code, status: 'rejected' };
    }
    case 'OrderCancelled':
      return { ...common, orderNumber: event.data.orderNumber, status: 'cancelled' };
    case 'OrderExpired':
      return { ...common, orderNumber: event.data.orderNumber, status: 'expired' };
    case 'OrderPaid':
      return { ...common, orderNumber: event.data.orderNumber, status: 'paid' };
    case 'LatePaymentRefused': {
      const { orderNumber, code } = event.data;
      return { ...common, orderNumber, refusal: code, status: 'payment_refused' };
    }
    case 'TicketsIssued':
      return { ...common, orderNumber: event.data.orderNumber, status: 'issued' };
    case 'OrderRefunded': {
      const { orderNumber } = event.data;
      return isWhollyRefunded(state, orderNumber)
        ? { ...common, orderNumber, status: 'refunded' }
        : undefined;
    }
    // OrderPaid follows in the same append.
    case 'OrderReseated':
    case 'SaleStarted':
    case 'SaleRescheduled':
    case 'SeatsHeld':
    case 'HoldReleased':
    case 'HoldExpired':
    case 'SaleEnded':
      return undefined;
    default:
      return unreachable(event);
  }
}

/** Those of several events of one sale, in their order. `state` is the sale after the last of them, or later. */
export function changesOf(
  state: SaleState | undefined,
  programId: ProgramId,
  occurrences: readonly { readonly event: SaleEvent; readonly revision: bigint }[],
): OrderStatusWrite[] {
  return occurrences.flatMap(({ event, revision }) => {
    const change = statusChangeOf(state, programId, event, revision);
    return change === undefined ? [] : [change];
  });
}

/** Several changes of one order as one: the newest, by the buyer whom any of them names. */
export function newestOf(writes: readonly OrderStatusWrite[]): OrderStatusWrite[] {
  const newest = new Map<OrderNumber, OrderStatusWrite>();
  for (const write of writes) {
    const before = newest.get(write.orderNumber);
    if (before !== undefined && before.revision >= write.revision) continue;
    newest.set(write.orderNumber, { ...write, buyer: write.buyer ?? before?.buyer });
  }
  return [...newest.values()];
}

function isWhollyRefunded(state: SaleState | undefined, orderNumber: OrderNumber): boolean {
  if (state?.book === undefined) return false;
  const order = findBooking(state.book, keyOfNumber(orderNumber));
  // One that is not known any more has ended, and was paid: it was refunded.
  return order === -1 || factsOf(state.book, order).status === 'refunded';
}
