/** What expiry asks of a sale when time is up, and what the sale's answer means for it. */
import type { ExpireHold, ExpireOrder, SaleOutcome } from '../../domain/sale/index.ts';
import type { HoldToken, OrderNumber, ProgramId } from '../../domain/shared/ids.ts';

/** An unpaid order or a hold whose time is up. */
export type Due = { readonly programId: ProgramId; readonly dueAtMs: number } & (
  | { readonly kind: 'order'; readonly orderNumber: OrderNumber }
  | { readonly kind: 'hold'; readonly holdToken: HoldToken }
);

export const commandFor = (due: Due, nowMs: number): ExpireOrder | ExpireHold =>
  due.kind === 'order'
    ? { type: 'ExpireOrder', nowMs, orderNumber: due.orderNumber }
    : { type: 'ExpireHold', nowMs, holdToken: due.holdToken };

/** Names a deadline; a hold and an order never share one. */
export const keyOf = (due: Due): string =>
  `${due.programId}/${due.kind}/${due.kind === 'order' ? due.orderNumber : due.holdToken}`;

/**
 * `expired` by this command or an earlier one. `over`: it had ended in another way, and the read model does not know
 * yet. `early`: the sale's deadline is later than the read model's.
 */
export type Ending = 'expired' | 'over' | 'early';

export const endingOf = (outcome: SaleOutcome): Ending => {
  if (outcome.kind === 'order_expired' || outcome.kind === 'hold_expired') return 'expired';
  const isEarly =
    outcome.kind === 'refused' && (outcome.code === 'order_not_due' || outcome.code === 'hold_not_due');
  return isEarly ? 'early' : 'over';
};
