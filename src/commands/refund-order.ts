/**
 * An operator gives an order back, or some tickets of it. The seats are free at once; the money follows,
 * because the payment process reads what the sale says here.
 */
import {
  type BookingStatus,
  orderInSale,
  type SaleCommand,
  type SaleOutcome,
  type SaleRefusalCode,
  type SaleState,
} from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../domain/shared/ids.ts';
import type { CommandContext } from './ports.ts';
import type { WarmStream } from './warm-stream.ts';

export type RefundOrderDeps = {
  readonly sale: (
    programId: ProgramId,
  ) => Pick<WarmStream<SaleCommand, SaleState, SaleOutcome>, 'submit' | 'ask'>;
};

export type RefundOrderRequest = {
  readonly orderNumber: OrderNumber;
  readonly programId: ProgramId;
  /** By their place in the order; left out, all that are left. */
  readonly tickets?: readonly number[] | undefined;
};

export type RefundOrderAnswer =
  | {
      readonly kind: 'refunded';
      readonly orderNumber: OrderNumber;
      readonly status: BookingStatus;
      /** The tickets that the order still has. */
      readonly tickets: readonly number[];
    }
  | { readonly kind: 'refused'; readonly code: SaleRefusalCode };

/** Rejects with OverloadedError, or with what the log rejects with; repeating it refunds nothing twice. */
export const refundOrder = async (
  deps: RefundOrderDeps,
  { orderNumber, programId, tickets }: RefundOrderRequest,
  context: CommandContext,
): Promise<RefundOrderAnswer> => {
  const sale = deps.sale(programId);
  const command: SaleCommand = {
    type: 'RefundOrder',
    orderNumber,
    ...(tickets !== undefined && { tickets }),
  };
  const outcome = await sale.submit(command, context);
  if (outcome.kind === 'refused') return { kind: 'refused', code: outcome.code };
  const left = await sale.ask((state) => orderInSale(state, orderNumber));
  // Ended orders are forgotten in time, which takes many of them.
  if (left.kind === 'refused') return { kind: 'refunded', orderNumber, status: 'refunded', tickets: [] };
  const { status } = left;
  return { kind: 'refunded', orderNumber, status, tickets: status === 'refunded' ? [] : left.tickets };
};
