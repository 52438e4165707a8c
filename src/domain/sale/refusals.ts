/**
 * Every reason there is to refuse an order or what follows it. The codes are stored in events, shown to clients,
 * and numbered by their place here in snapshots: never rename one, append only.
 */

export const saleRefusalCodes = [
  'sale_not_open',
  'sale_closed',
  'sale_already_started',
  'unknown_category',
  'unknown_seat',
  'seat_repeated',
  'ticket_count_mismatch',
  'ticket_user_repeated',
  'price_changed',
  'limit_per_order',
  'limit_per_buyer',
  'id_document_already_used',
  'sold_out',
  'seats_unavailable',
  'not_together',
  'duplicate_order_number',
  'request_id_reused',
  'duplicate_hold_token',
  'hold_not_found',
  'hold_not_yours',
  'hold_expired',
  'hold_ended',
  'hold_not_due',
  'order_not_found',
  'not_your_order',
  'order_not_due',
  'order_not_paid',
  'order_already_paid',
  'order_expired',
  'order_cancelled',
  'order_refunded',
  'unknown_ticket',
  'amount_mismatch',
  /** A queued order that nobody decided in time. */
  'abandoned',
  /** A ticket user that is not the buyer's. The sale cannot know; whoever checks it says so in RejectOrder. */
  'unknown_ticket_user',
  'sale_ends_before_it_begins',
] as const;

export type SaleRefusalCode = (typeof saleRefusalCodes)[number];
