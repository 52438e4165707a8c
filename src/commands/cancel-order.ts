/** A buyer takes an order back that is not paid yet. */
import type { CancelOrder, SaleRefusalCode } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import type { SaleStream } from './dispatch/dispatch.ts';
import type { CommandContext } from './ports.ts';

export type CancelOrderDeps = { readonly sale: (programId: ProgramId) => Pick<SaleStream, 'submit'> };

export type CancelOrderRequest = {
  /** Of the order, as the read models know it: an order number alone leads to no sale. */
  readonly programId: ProgramId;
  readonly orderNumber: OrderNumber;
  readonly buyer: UserId;
};

export type CancelOrderAnswer =
  | { readonly kind: 'order_cancelled'; readonly orderNumber: OrderNumber }
  | { readonly kind: 'refused'; readonly code: SaleRefusalCode };

/** Rejects as `submit` does. */
export const cancelOrder = async (
  deps: CancelOrderDeps,
  { programId, orderNumber, buyer }: CancelOrderRequest,
  context: CommandContext,
): Promise<CancelOrderAnswer> => {
  const command: CancelOrder = { type: 'CancelOrder', orderNumber, buyer };
  const outcome = await deps.sale(programId).submit(command, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'order_cancelled', orderNumber };
};
