/**
 * An order from request to decision, whatever the dispatch mode: checks that need no lock first, then the sale. The
 * sale decides again whatever must be atomic, so a check here only saves it work and words a refusal.
 */
import type {
  OrderPlacedOutcome,
  PlaceOrder,
  Refused,
  SaleRefusalCode,
  SaleTerms,
} from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId, RequestId, TicketUserId, UserId } from '../domain/shared/ids.ts';
import type { AmountMinor } from '../domain/shared/money.ts';

/** A parsed request. The buyer is who the token says, never who the body says. */
export type OrderRequest = {
  readonly programId: ProgramId;
  readonly buyer: UserId;
  /** The same for a request that is sent again. */
  readonly requestId: RequestId;
  /** One for each ticket, in the order of the seats where seats are named. */
  readonly ticketUsers: readonly TicketUserId[];
  readonly want: PlaceOrder['want'];
  readonly expectedAmountMinor?: AmountMinor | undefined;
};

export type OrderAnswer = OrderPlacedOutcome | Refused;

/** What never changes about a sale that has started. */
export type Offer = { readonly terms: SaleTerms; readonly seatCount: number };

type Check = (request: OrderRequest, offer: Offer) => SaleRefusalCode | undefined;

/** In the order a person would ask them. */
const checks: readonly Check[] = [
  ({ want }, { terms }) =>
    want.by === 'category' && !terms.layout.some(({ id }) => id === want.category)
      ? 'unknown_category'
      : undefined,
  ({ want }, { seatCount }) =>
    want.by === 'seats' && want.seats.some((seat) => seat >= seatCount) ? 'unknown_seat' : undefined,
  ({ ticketUsers }, { terms }) =>
    ticketUsers.length > terms.limits.perOrder ? 'limit_per_order' : undefined,
  ({ ticketUsers }) => (hasRepeated(ticketUsers) ? 'ticket_user_repeated' : undefined),
  ({ want }) => (want.by === 'seats' && hasRepeated(want.seats) ? 'seat_repeated' : undefined),
  ({ want, ticketUsers }) => {
    const count = wantedCount(want);
    return count !== undefined && count !== ticketUsers.length ? 'ticket_count_mismatch' : undefined;
  },
];

/** What is wrong with a request whoever else orders what, or undefined. No offer: the sale has not started. */
export const refusalOf = (request: OrderRequest, offer: Offer | undefined): SaleRefusalCode | undefined => {
  if (offer === undefined) return 'sale_not_open';
  for (const check of checks) {
    const code = check(request, offer);
    if (code !== undefined) return code;
  }
  return undefined;
};

const hasRepeated = (values: readonly unknown[]): boolean => new Set(values).size < values.length;

/** How many places are asked for; undefined where the sale alone knows: behind a hold. */
const wantedCount = (want: OrderRequest['want']): number | undefined => {
  if (want.by === 'seats') return want.seats.length;
  return want.by === 'category' ? want.count : undefined;
};

export const placeOrderCommand = (
  request: OrderRequest,
  ticketUsers: PlaceOrder['ticketUsers'],
  orderNumber: OrderNumber,
  nowMs: number,
): PlaceOrder => ({
  type: 'PlaceOrder',
  nowMs,
  orderNumber,
  buyer: request.buyer,
  requestId: request.requestId,
  ticketUsers,
  want: request.want,
  ...(request.expectedAmountMinor !== undefined && { expectedAmountMinor: request.expectedAmountMinor }),
});

export const refused = (code: SaleRefusalCode): Refused => ({ kind: 'refused', code });
