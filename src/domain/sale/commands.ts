/** What can be asked of a sale, and what it can answer. Commands are parsed at the edge and trusted here. */
import type {
  CategoryId,
  HoldToken,
  IdDocumentHash,
  OrderNumber,
  PaymentNumber,
  RequestId,
  TicketUserId,
  UserId,
} from '../shared/ids.ts';
import type { AmountMinor } from '../shared/money.ts';
import type { BookingStatus } from './book.ts';
import type { Place, QueuePosition, SaleTerms, Togetherness } from './events.ts';
import type { SaleRefusalCode } from './refusals.ts';

/** The places a buyer wants: these seats, or the best of a category (in general admission: just so many). */
export type WantedPlaces =
  | { readonly by: 'seats'; readonly seats: readonly number[] }
  | {
      readonly by: 'category';
      readonly category: CategoryId;
      readonly count: number;
      /** Accessible seats, and no others. */
      readonly accessible?: boolean;
      /** False: side by side or not at all. By default whatever is there. */
      readonly allowSplit?: boolean;
    };

export type StartSale = { readonly type: 'StartSale'; readonly terms: SaleTerms };
/** Before it opens, while it is open, or after it has closed by itself: as long as nobody has ended it. */
export type RescheduleSale = {
  readonly type: 'RescheduleSale';
  readonly opensAtMs: number;
  readonly closesAtMs: number;
};
export type HoldSeats = {
  readonly type: 'HoldSeats';
  readonly nowMs: number;
  readonly holdToken: HoldToken;
  readonly buyer: UserId;
  readonly want: WantedPlaces;
};
export type ReleaseHold = {
  readonly type: 'ReleaseHold';
  readonly holdToken: HoldToken;
  readonly buyer: UserId;
};
export type ExpireHold = {
  readonly type: 'ExpireHold';
  readonly nowMs: number;
  readonly holdToken: HoldToken;
};
export type PlaceOrder = {
  readonly type: 'PlaceOrder';
  readonly nowMs: number;
  readonly orderNumber: OrderNumber;
  readonly buyer: UserId;
  readonly requestId: RequestId;
  /** One for each place, in the order of the places. */
  readonly ticketUsers: readonly { readonly ticketUser: TicketUserId; readonly idDocument: IdDocumentHash }[];
  readonly want: WantedPlaces | { readonly by: 'hold'; readonly holdToken: HoldToken };
  /** What the buyer was shown; another price refuses. */
  readonly expectedAmountMinor?: AmountMinor;
  /** Queued orders only: makes the decision happen once, however often the queue delivers it. */
  readonly queue?: QueuePosition;
};
/** A queued order is answered without being decided: its deadline has passed, or a check before the sale failed. */
export type RejectOrder = {
  readonly type: 'RejectOrder';
  readonly orderNumber: OrderNumber;
  readonly buyer: UserId;
  readonly code: SaleRefusalCode;
  readonly queue: QueuePosition;
};
export type CancelOrder = {
  readonly type: 'CancelOrder';
  readonly orderNumber: OrderNumber;
  readonly buyer: UserId;
};
export type ExpireOrder = {
  readonly type: 'ExpireOrder';
  readonly nowMs: number;
  readonly orderNumber: OrderNumber;
};
/** The provider has the money. */
export type ConfirmPayment = {
  readonly type: 'ConfirmPayment';
  readonly orderNumber: OrderNumber;
  readonly paymentNumber: PaymentNumber;
  readonly amountMinor: AmountMinor;
};
export type IssueTickets = { readonly type: 'IssueTickets'; readonly orderNumber: OrderNumber };
export type RefundOrder = {
  readonly type: 'RefundOrder';
  readonly orderNumber: OrderNumber;
  /** Places of tickets in OrderPlaced; by default all that are left. */
  readonly tickets?: readonly number[];
};
export type EndSale = { readonly type: 'EndSale'; readonly nowMs: number };

export type SaleCommand =
  | StartSale
  | RescheduleSale
  | HoldSeats
  | ReleaseHold
  | ExpireHold
  | PlaceOrder
  | RejectOrder
  | CancelOrder
  | ExpireOrder
  | ConfirmPayment
  | IssueTickets
  | RefundOrder
  | EndSale;

export type OrderPlacedOutcome = {
  readonly kind: 'order_placed';
  /** Of the order there is: a repeated request gets the number of the first. */
  readonly orderNumber: OrderNumber;
  readonly status: BookingStatus;
  readonly places: readonly Place[];
  readonly together: Togetherness;
  readonly amountMinor: AmountMinor;
  readonly deadlineMs: number;
};

export type Refused = {
  readonly kind: 'refused';
  readonly code: SaleRefusalCode;
  /** With `sold_out`: how many places are left. */
  readonly left?: number;
};

export type SaleOutcome =
  | { readonly kind: 'sale_started' | 'sale_rescheduled' | 'sale_ended' }
  | {
      readonly kind: 'seats_held';
      readonly holdToken: HoldToken;
      readonly places: readonly Place[];
      readonly together: Togetherness;
      readonly expiresAtMs: number;
    }
  | { readonly kind: 'hold_released' | 'hold_expired'; readonly holdToken: HoldToken }
  | OrderPlacedOutcome
  /** The queue delivered again what was decided before; the log has the answer. */
  | { readonly kind: 'already_decided'; readonly queue: QueuePosition }
  | { readonly kind: 'order_rejected'; readonly orderNumber: OrderNumber; readonly code: SaleRefusalCode }
  | {
      readonly kind: 'order_cancelled' | 'order_expired' | 'tickets_issued' | 'order_refunded';
      readonly orderNumber: OrderNumber;
    }
  | {
      readonly kind: 'order_paid';
      readonly orderNumber: OrderNumber;
      readonly paymentNumber: PaymentNumber;
    }
  /** The money was captured and buys nothing: give it back. */
  | {
      readonly kind: 'refund_due';
      readonly orderNumber: OrderNumber;
      readonly paymentNumber: PaymentNumber;
      readonly amountMinor: AmountMinor;
      readonly code: SaleRefusalCode;
    }
  | Refused;
