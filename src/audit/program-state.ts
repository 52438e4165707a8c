/** A program as the events of its sale, its payments and the queue make it. It looks at a history and decides nothing. */
import type { Place } from '../domain/sale/index.ts';
import type { HoldToken, OrderNumber, UserId } from '../domain/shared/ids.ts';
import type { Hall } from './hall.ts';
import type { LogEvent, OrderEvent } from './log.ts';
import { evolveOrder, type OrderState, unknownOrder } from './order-state.ts';

type Hold = { readonly buyer: UserId; readonly places: readonly Place[]; readonly expiresAtMs: number };

/** Changed in place, event by event. */
export type ProgramState = {
  opensAtMs: number;
  closesAtMs: number;
  ended: boolean;
  readonly held: number[];
  readonly sold: number[];
  readonly holds: Map<HoldToken, Hold>;
  readonly orders: Map<OrderNumber, OrderState>;
};

export const emptyProgram = ({ terms }: Pick<Hall, 'terms'>): ProgramState => ({
  opensAtMs: terms.opensAtMs,
  closesAtMs: terms.closesAtMs,
  ended: false,
  held: terms.layout.map(() => 0),
  sold: terms.layout.map(() => 0),
  holds: new Map(),
  orders: new Map(),
});

/** Changes `state` in place. */
export const evolveProgram = (state: ProgramState, event: LogEvent): void => {
  switch (event.type) {
    case 'SaleStarted':
      return;
    case 'SaleRescheduled':
      state.opensAtMs = event.data.opensAtMs;
      state.closesAtMs = event.data.closesAtMs;
      return;
    case 'SaleEnded':
      state.ended = true;
      return;
    case 'SeatsHeld':
      move(event.data.places, state.held, 1);
      state.holds.set(event.data.holdToken, event.data);
      return;
    case 'HoldReleased':
    case 'HoldExpired':
      move(event.data.places, state.held, -1);
      state.holds.delete(event.data.holdToken);
      return;
    default:
      moveStock(state, event);
      state.orders.set(event.data.orderNumber, evolveOrder(orderOf(state, event.data.orderNumber), event));
  }
};

const orderOf = ({ orders }: ProgramState, orderNumber: OrderNumber): OrderState =>
  orders.get(orderNumber) ?? unknownOrder(orderNumber);

const moveStock = (state: ProgramState, event: OrderEvent): void => {
  switch (event.type) {
    case 'OrderPlaced': {
      const { tickets, holdToken } = event.data;
      const hold = holdToken === undefined ? undefined : state.holds.get(holdToken);
      // The places of the hold are the order's now.
      if (hold !== undefined) move(hold.places, state.held, -1);
      if (holdToken !== undefined) state.holds.delete(holdToken);
      move(
        tickets.map(({ category, seat }) => [category, seat]),
        state.held,
        1,
      );
      return;
    }
    case 'OrderCancelled':
    case 'OrderExpired':
      move(event.data.places, state.held, -1);
      return;
    case 'OrderReseated':
      move(event.data.places, state.held, 1);
      return;
    case 'OrderPaid':
      move(event.data.places, state.held, -1);
      move(event.data.places, state.sold, 1);
      return;
    case 'OrderRefunded':
      move(event.data.places, state.sold, -1);
      return;
    default:
  }
};

const move = (places: readonly Place[], counters: number[], by: number): void => {
  for (const [category] of places) counters[category] = (counters[category] ?? 0) + by;
};
