/** The events of one order, collected from wherever they are, each once. */
import type { OrderNumber } from '../domain/shared/ids.ts';
import { byPosition, isOfOrder, type LogPage, type OrderEvent } from './log.ts';

export type CollectedEvents = {
  /** In log order. */
  readonly events: readonly OrderEvent[];
  /** Sentences: events of the log that cannot be read. */
  readonly unreadable: readonly string[];
};

export type Collected = {
  readonly add: (events: readonly OrderEvent[], unreadable?: readonly string[]) => void;
  /** What of a page is the order's. */
  readonly take: (page: Pick<LogPage, 'events' | 'unreadable'>) => void;
  readonly found: () => CollectedEvents;
};

export const createCollected = (orderNumber: OrderNumber): Collected => {
  const byPlace = new Map<bigint, OrderEvent>();
  const unreadable = new Set<string>();
  const add: Collected['add'] = (events, damaged = []) => {
    for (const event of events) byPlace.set(event.position, event);
    for (const sentence of damaged) unreadable.add(sentence);
  };
  return {
    add,
    take: (page) =>
      add(
        page.events.filter((event) => isOfOrder(event, orderNumber)),
        page.unreadable,
      ),
    found: () => ({ events: [...byPlace.values()].sort(byPosition), unreadable: [...unreadable] }),
  };
};
