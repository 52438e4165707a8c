/**
 * A sale forgets orders that ended long ago, read models do not. Whoever pays or cancels such an order is told how it
 * ended, and not that it was never there.
 */
import type { OrderStatus, SaleRefusalCode } from '../domain/sale/index.ts';
import type { OrderNumber, UserId } from '../domain/shared/ids.ts';

const codeOfEnd: Partial<Record<OrderStatus, SaleRefusalCode>> = {
  cancelled: 'order_cancelled',
  expired: 'order_expired',
  payment_refused: 'order_expired',
  refunded: 'order_refunded',
};

export type ForgottenDeps = {
  readonly statusOf: (
    orderNumber: OrderNumber,
    buyer: UserId,
  ) => Promise<{ readonly status: OrderStatus } | undefined>;
};

/** The answer as it is, but for an order that the sale does not know and that has ended as far as is known. */
export const sayHowItEnded = async <Answer extends { readonly kind: string }>(
  { statusOf }: ForgottenDeps,
  { orderNumber, buyer }: { readonly orderNumber: OrderNumber; readonly buyer: UserId },
  answer: Answer,
): Promise<Answer | { readonly kind: 'refused'; readonly code: SaleRefusalCode }> => {
  if (!isNotFound(answer)) return answer;
  const known = await statusOf(orderNumber, buyer);
  return { kind: 'refused', code: (known && codeOfEnd[known.status]) ?? 'order_not_found' };
};

const isNotFound = (answer: { readonly kind: string; readonly code?: unknown }): boolean =>
  answer.kind === 'refused' && answer.code === 'order_not_found';
