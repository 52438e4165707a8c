/** What an order is to its buyer, in whichever store it is looked up. The words are shown to clients. */

export const orderStatuses = [
  /** Awaits its decision. */
  'queued',
  'awaiting_payment',
  'paid',
  'issued',
  'cancelled',
  'expired',
  'payment_refused',
  'refunded',
  'rejected',
  /** A queued request that had led to an order before. */
  'repeated',
] as const;
export type OrderStatus = (typeof orderStatuses)[number];
