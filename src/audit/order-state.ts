/**
 * One order as its events made it, whatever streams they are in. It looks at a history and decides nothing, so it goes
 * on where events contradict one another, and says so.
 */
import { type PaymentEvent, type PaymentState, paymentDecider } from '../domain/payment/index.ts';
import type { OrderStatus, Place, SaleRefusalCode } from '../domain/sale/index.ts';
import { programOfSaleStream } from '../domain/sale/index.ts';
import { unreachable } from '../domain/shared/event.ts';
import type {
  HoldToken,
  OrderNumber,
  PaymentNumber,
  ProgramId,
  TicketUserId,
  UserId,
} from '../domain/shared/ids.ts';
import type { OrderEvent } from './log.ts';

export type TicketState = {
  readonly ticketUser: TicketUserId;
  readonly place: Place;
  readonly priceMinor: number;
  readonly refunded: boolean;
};

export type OrderState = {
  readonly orderNumber: OrderNumber;
  /** Null while only payments are known. */
  readonly status: OrderStatus | null;
  readonly programId: ProgramId | null;
  readonly buyer: UserId | null;
  /** How it was dispatched; null where that was not recorded. */
  readonly mode: string | null;
  /** In the order of `OrderPlaced`; none before. */
  readonly tickets: readonly TicketState[];
  /** Null until it is placed. */
  readonly amountMinor: number | null;
  /** Of the decision while it is queued, of the payment afterwards. */
  readonly deadlineMs: number | null;
  readonly holdToken: HoldToken | null;
  readonly refusal: SaleRefusalCode | null;
  readonly repeats: OrderNumber | null;
  /** The payment that bought it, or came too late. */
  readonly paidBy: PaymentNumber | null;
  readonly payments: ReadonlyMap<PaymentNumber, PaymentState>;
};

export const unknownOrder = (orderNumber: OrderNumber): OrderState => ({
  orderNumber,
  status: null,
  programId: null,
  buyer: null,
  mode: null,
  tickets: [],
  amountMinor: null,
  deadlineMs: null,
  holdToken: null,
  refusal: null,
  repeats: null,
  paidBy: null,
  payments: new Map(),
});

export const evolveOrder = (state: OrderState, event: OrderEvent): OrderState => {
  switch (event.type) {
    case 'OrderQueued':
      return state.status === null ? queued(state, event) : state;
    case 'OrderPlaced':
      return placed(state, event);
    case 'OrderRepeated':
      return turnedDown(state, event, { status: 'repeated', repeats: event.data.of });
    case 'OrderRejected':
      return turnedDown(state, event, { status: 'rejected', refusal: event.data.code });
    case 'OrderCancelled':
      return { ...state, status: 'cancelled' };
    case 'OrderExpired':
      return { ...state, status: 'expired' };
    case 'OrderReseated':
      return {
        ...state,
        status: 'awaiting_payment',
        tickets: state.tickets.map((ticket, index) => ({
          ...ticket,
          place: event.data.places[index] ?? ticket.place,
        })),
      };
    case 'OrderPaid':
      return { ...state, status: 'paid', paidBy: event.data.paymentNumber };
    case 'LatePaymentRefused': {
      const { paymentNumber, code } = event.data;
      return { ...state, status: 'payment_refused', paidBy: paymentNumber, refusal: code };
    }
    case 'TicketsIssued':
      return { ...state, status: 'issued' };
    case 'OrderRefunded':
      return refunded(state, event.data.tickets);
    case 'PaymentRequested':
    case 'PaymentCaptured':
    case 'StrayPaymentCaptured':
    case 'PaymentFailed':
    case 'RefundRequested':
    case 'RefundCompleted':
    case 'RefundFailed':
    case 'RefundRetried':
      return withPayment(state, event);
    default:
      return unreachable(event);
  }
};

type Event<Type extends OrderEvent['type']> = Extract<OrderEvent, { readonly type: Type }>;

const queued = (state: OrderState, { data, metadata }: Event<'OrderQueued'>): OrderState => ({
  ...state,
  status: 'queued',
  programId: data.programId,
  buyer: data.buyer,
  // Nothing else has ever been queued.
  mode: metadata.mode ?? 'v4',
  deadlineMs: data.deadlineMs,
});

const placed = (state: OrderState, { data, metadata, stream }: Event<'OrderPlaced'>): OrderState => ({
  ...state,
  status: 'awaiting_payment',
  programId: programOfSaleStream(stream) ?? state.programId,
  buyer: data.buyer,
  mode: metadata.mode ?? (data.queue === undefined ? state.mode : 'v4'),
  tickets: data.tickets.map(({ ticketUser, category, seat, priceMinor }) => ({
    ticketUser,
    place: [category, seat],
    priceMinor,
    refunded: false,
  })),
  amountMinor: data.amountMinor,
  deadlineMs: data.deadlineMs,
  holdToken: data.holdToken ?? null,
});

/** An order that was decided keeps its fate when its queue entry, or its number, comes again. */
const turnedDown = (
  state: OrderState,
  { data, stream }: Event<'OrderRejected' | 'OrderRepeated'>,
  how: Pick<OrderState, 'status'> & Partial<OrderState>,
): OrderState =>
  state.status === null || state.status === 'queued'
    ? {
        ...state,
        programId: programOfSaleStream(stream) ?? state.programId,
        buyer: data.buyer,
        mode: 'v4',
        deadlineMs: null,
        ...how,
      }
    : state;

const refunded = (state: OrderState, indexes: readonly number[]): OrderState => {
  const tickets = state.tickets.map((ticket, index) => ({
    ...ticket,
    refunded: ticket.refunded || indexes.includes(index),
  }));
  return { ...state, tickets, ...(tickets.every((ticket) => ticket.refunded) && { status: 'refunded' }) };
};

const withPayment = (state: OrderState, event: Extract<OrderEvent, PaymentEvent>): OrderState => {
  const { paymentNumber } = event.data;
  const before = state.payments.get(paymentNumber) ?? paymentDecider.initial();
  const after = paymentDecider.evolve(before, event);
  return {
    ...state,
    programId: state.programId ?? event.data.programId,
    payments: new Map(state.payments).set(paymentNumber, after),
  };
};

/** The tickets whose places are the order's now. */
export const liveTickets = ({ status, tickets }: OrderState): readonly TicketState[] =>
  status === 'awaiting_payment' || status === 'paid' || status === 'issued'
    ? tickets.filter((ticket) => !ticket.refunded)
    : [];
