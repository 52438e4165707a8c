/** The events of one order, collected from wherever they are, each once. */
import type { OrderNumber } from '../domain/shared/ids.ts';
import { byPosition, isOfOrder, type LogEvent, type LogPage, type OrderEvent } from './log.ts';

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

/** Each event once, in log order, and each sentence once, from wherever they come. */
export const collectEvents = <Event extends LogEvent>() => {
  const byPlace = new Map<bigint, Event>();
  const unreadable = new Set<string>();
  return {
    add: (events: readonly Event[], damaged: readonly string[] = []): void => {
      for (const event of events) byPlace.set(event.position, event);
      for (const sentence of damaged) unreadable.add(sentence);
    },
    found: () => ({ events: [...byPlace.values()].sort(byPosition), unreadable: [...unreadable] }),
  };
};

export const createCollected = (orderNumber: OrderNumber): Collected => {
  const { add, found } = collectEvents<OrderEvent>();
  return {
    add,
    take: (page) =>
      add(
        page.events.filter((event) => isOfOrder(event, orderNumber)),
        page.unreadable,
      ),
    found,
  };
};
