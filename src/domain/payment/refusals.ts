/** Every reason a payment has to refuse. The codes are shown to clients and operators: never rename one. */

export const paymentRefusalCodes = [
  'payment_not_found',
  'payment_number_taken',
  'amount_is_zero',
  'capture_differs',
  'too_many_captures',
  'nothing_captured',
  'capture_not_found',
  'refund_exceeds_capture',
  'refund_id_reused',
  'refund_not_found',
  'refund_differs',
  'refund_attempt_unexpected',
  'too_many_refunds',
] as const;
export type PaymentRefusalCode = (typeof paymentRefusalCodes)[number];
