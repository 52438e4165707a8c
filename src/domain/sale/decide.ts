/** What a sale answers to a command, and which events make it so. Every rule that must never be broken is behind here. */
import { unreachable } from '../shared/event.ts';
import { sameData } from '../shared/same-data.ts';
import { CLOSES_AT, OPENS_AT, type OrderBook } from './book.ts';
import type { RescheduleSale, SaleCommand, StartSale } from './commands.ts';
import { expireHold, holdSeats, releaseHold } from './decide-hold.ts';
import { placeOrder, rejectOrder } from './decide-order.ts';
import { cancelOrder, confirmPayment, expireOrder, issueTickets, refundOrder } from './decide-payment.ts';
import { isClosed, refuse, type SaleDecision } from './outcomes.ts';
import { chooseSeats, type SeatPolicy } from './seat-choice.ts';
import type { SaleState } from './state.ts';

/** Reads `state` and changes nothing. Who asks for the best seats gets those that `choose` calls the best. */
export function decide(
  command: SaleCommand,
  state: SaleState,
  choose: SeatPolicy = chooseSeats,
): SaleDecision {
  if (command.type === 'StartSale') return startSale(command, state);
  if (state.book !== undefined) return decideStarted(command, state.book, choose);
  if (command.type !== 'ConfirmPayment') return refuse('sale_not_open');
  const { orderNumber, paymentNumber, amountMinor } = command;
  const outcome = {
    kind: 'refund_due',
    orderNumber,
    paymentNumber,
    amountMinor,
    code: 'order_not_found',
  } as const;
  return { outcome, events: [] };
}

function decideStarted(
  command: Exclude<SaleCommand, StartSale>,
  book: OrderBook,
  choose: SeatPolicy,
): SaleDecision {
  switch (command.type) {
    case 'RescheduleSale':
      return rescheduleSale(command, book);
    case 'HoldSeats':
      return holdSeats(command, book, choose);
    case 'ReleaseHold':
      return releaseHold(command, book);
    case 'ExpireHold':
      return expireHold(command, book);
    case 'PlaceOrder':
      return placeOrder(command, book, choose);
    case 'RejectOrder':
      return rejectOrder(command, book);
    case 'CancelOrder':
      return cancelOrder(command, book);
    case 'ExpireOrder':
      return expireOrder(command, book);
    case 'ConfirmPayment':
      return confirmPayment(command, book, choose);
    case 'IssueTickets':
      return issueTickets(command, book);
    case 'RefundOrder':
      return refundOrder(command, book);
    case 'EndSale': {
      const outcome = { kind: 'sale_ended' } as const;
      if (isClosed(book)) return { outcome, events: [] };
      return { outcome, events: [{ type: 'SaleEnded', data: { endedAtMs: command.nowMs } }] };
    }
    default:
      return unreachable(command);
  }
}

function startSale({ terms }: StartSale, { book }: SaleState): SaleDecision {
  const outcome = { kind: 'sale_started' } as const;
  if (book === undefined) return { outcome, events: [{ type: 'SaleStarted', data: terms }] };
  return sameData(book.terms, terms) ? { outcome, events: [] } : refuse('sale_already_started');
}

function rescheduleSale({ opensAtMs, closesAtMs }: RescheduleSale, book: OrderBook): SaleDecision {
  if (isClosed(book)) return refuse('sale_closed');
  if (closesAtMs <= opensAtMs) return refuse('sale_ends_before_it_begins');
  const outcome = { kind: 'sale_rescheduled' } as const;
  const same = opensAtMs === book.window[OPENS_AT] && closesAtMs === book.window[CLOSES_AT];
  return same
    ? { outcome, events: [] }
    : { outcome, events: [{ type: 'SaleRescheduled', data: { opensAtMs, closesAtMs } }] };
}
