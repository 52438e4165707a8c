/** The sale: the inventory and order book of one program, the one thing that no oversell rests on. */
import type { Decider } from '../shared/decider.ts';
import type { SaleCommand, SaleOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { SaleEvent } from './events.ts';
import type { SeatPolicy } from './seat-choice.ts';
import { evolve, initial, type SaleState } from './state.ts';

export type { BookingStatus } from './book.ts';
export type * from './commands.ts';
export * from './events.ts';
export { type HallInSale, hallInSale } from './hall-query.ts';
export * from './layout.ts';
export { MAX_LANES, MAX_TICKETS_PER_ORDER } from './limits.ts';
export { type OrderInSale, orderInSale } from './order-query.ts';
export { type OrderStatus, orderStatuses } from './order-status.ts';
export * from './refusals.ts';
export type { SeatPolicy } from './seat-choice.ts';
export { createSeatNames, type NamedSeat, type SeatName, type SeatNames } from './seat-names.ts';
export { type SeatPolicyName, seatPolicies } from './seat-policies.ts';
export { restoreSale, snapshotSale } from './snapshot.ts';
export { soldOrders } from './sold-orders.ts';
export { keepBatch, openBatch, type SaleState, undoBatch } from './state.ts';
export * from './stream.ts';
export { wishOfHold, wishOfOrder } from './wish.ts';

export const saleDecider: Decider<SaleCommand, SaleEvent, SaleState, SaleOutcome> = {
  initial,
  evolve,
  decide: (command, state) => decide(command, state),
};

/** The same sale, were the best seats others. */
export const saleDeciderWith = (choose: SeatPolicy): typeof saleDecider => ({
  ...saleDecider,
  decide: (command, state) => decide(command, state, choose),
});
