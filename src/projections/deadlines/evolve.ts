/** Which deadlines the events of sales set, and which they settle. */
import { programOfSaleStream, type SaleEvent } from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { HoldToken, OrderNumber } from '../../domain/shared/ids.ts';
import type { Projected } from '../projection.ts';
import type { DeadlineKey, DeadlineRow } from './table.ts';

export type DeadlineEvent = Extract<
  SaleEvent,
  {
    readonly type:
      | 'SeatsHeld'
      | 'HoldReleased'
      | 'HoldExpired'
      | 'OrderPlaced'
      | 'OrderCancelled'
      | 'OrderExpired'
      | 'OrderPaid';
  }
>;

/** By subject: what is left of it after all these events. */
export type Deadlines = ReadonlyMap<
  string,
  | { readonly kind: 'set'; readonly row: DeadlineRow }
  | { readonly kind: 'settled'; readonly row: DeadlineKey }
>;

export const deadlinesAfter = (events: readonly Projected<DeadlineEvent>[]): Deadlines => {
  const deadlines = new Map<
    string,
    Deadlines extends ReadonlyMap<string, infer Deadline> ? Deadline : never
  >();
  for (const event of events) {
    const program_id = programOfSaleStream(event.stream);
    if (program_id === undefined) throw new Error(`${event.type} is in ${event.stream}, which is no sale's.`);
    const order = (subject: OrderNumber) => ({ program_id, kind: 'order', subject }) as const;
    const hold = (subject: HoldToken) => ({ program_id, kind: 'hold', subject }) as const;
    const set = (row: DeadlineRow) => deadlines.set(textOf(row), { kind: 'set', row });
    const settle = (row: DeadlineKey) => deadlines.set(textOf(row), { kind: 'settled', row });
    switch (event.type) {
      case 'SeatsHeld':
        set({ ...hold(event.data.holdToken), due_at_ms: event.data.expiresAtMs });
        break;
      case 'HoldReleased':
      case 'HoldExpired':
        settle(hold(event.data.holdToken));
        break;
      case 'OrderPlaced':
        if (event.data.holdToken !== undefined) settle(hold(event.data.holdToken));
        set({ ...order(event.data.orderNumber), due_at_ms: event.data.deadlineMs });
        break;
      case 'OrderCancelled':
      case 'OrderExpired':
      case 'OrderPaid':
        settle(order(event.data.orderNumber));
        break;
      default:
        unreachable(event);
    }
  }
  return deadlines;
};

const textOf = ({ program_id, kind, subject }: DeadlineKey): string => `${program_id}/${kind}/${subject}`;
