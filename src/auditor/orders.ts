/** The orders of one sale as the auditor remembers them: what each is now, and how its queue entry ended. */
import type { EventRef } from './event-ref.ts';
import type { Place, Saying } from './stored-format.ts';

export type OrderStatus =
  | 'awaiting_payment'
  | 'paid'
  | 'issued'
  | 'cancelled'
  | 'expired'
  | 'payment_refused'
  | 'refunded';

export type OrderInLog = {
  readonly orderNumber: string;
  readonly buyer: string;
  readonly amountMinor: number;
  readonly deadlineMs: number;
  /** By ticket; none where the program does not care. */
  readonly documents: readonly string[];
  readonly placedBy: EventRef;
  status: OrderStatus;
  /** The last event that made it what it is. */
  last: EventRef;
  /** By ticket. */
  places: readonly Place[];
  /** A bit for each ticket. */
  refundedTickets: number;
  refundedMinor: number;
  paymentNumber: string | undefined;
  refusal: string | undefined;
  issuedBy: EventRef | undefined;
};

export const isRefunded = ({ refundedTickets }: OrderInLog, ticket: number): boolean =>
  (refundedTickets & (1 << ticket)) !== 0;

export type HoldInLog = {
  readonly buyer: string;
  readonly places: readonly Place[];
  readonly expiresAtMs: number;
  readonly by: EventRef;
};

export type Decision = {
  readonly kind: 'placed' | 'rejected' | 'repeated';
  readonly why: string | undefined;
  readonly by: EventRef;
};

/** What a queued order wants, and for whom. */
export type Asked = Pick<
  Saying<'OrderQueue'>['data'],
  'requestId' | 'ticketUsers' | 'want' | 'expectedAmountMinor'
>;

/** `end` is undefined while nobody has decided it. */
export type QueuedInLog = {
  readonly orderNumber: string;
  readonly buyer: string;
  readonly deadlineMs: number;
  readonly by: EventRef;
  /** Until it is decided. */
  asked: Asked | undefined;
  end: Decision | undefined;
};
