/** Holds what the index says of a program's orders against what was read of them in the log. */
import type { OrderNumber } from '../domain/shared/ids.ts';
import { isOfSomeOrder, type LogEvent } from './log.ts';
import type { OrderIndex } from './order-events.ts';

export type OrderTotals = {
  readonly events: number;
  /** The sums of all positions, and of all revisions. */
  readonly positions: bigint;
  readonly revisions: bigint;
};

export type IndexedOrder = OrderTotals & {
  /** It has events behind that position, too. */
  readonly goesOn: boolean;
};

export type ProgramIndex = Pick<OrderIndex, 'upTo'> & {
  /**
   * Of those orders that it knows, up to a position, and whether they have more events up to another. Undefined where it
   * cannot be asked.
   */
  readonly totalsOf: (
    orders: readonly OrderNumber[],
    upTo: bigint,
    until: bigint,
  ) => Promise<ReadonlyMap<OrderNumber, IndexedOrder> | undefined>;
};

/** Enough to see what is wrong. */
const MAX_PROBLEMS = 10;

export type Tally = {
  readonly take: (event: LogEvent) => void;
  /** Of all events taken, those behind the tally's end too. */
  readonly orders: () => readonly OrderNumber[];
  /** Sentences about orders of which the index has others than these events. */
  readonly problems: (indexed: ReadonlyMap<OrderNumber, OrderTotals>) => readonly string[];
};

/** Counts the events of each order up to a position. */
export const createTally = (upTo: bigint): Tally => {
  const totals = new Map<OrderNumber, OrderTotals>();
  return {
    take: (event) => {
      if (!isOfSomeOrder(event)) return;
      const { events, positions, revisions } = totals.get(event.data.orderNumber) ?? NOTHING;
      const isCounted = event.position <= upTo;
      totals.set(event.data.orderNumber, {
        events: isCounted ? events + 1 : events,
        positions: isCounted ? positions + event.position : positions,
        revisions: isCounted ? revisions + event.revision : revisions,
      });
    },
    orders: () => [...totals.keys()],
    problems: (indexed) => {
      const problems: string[] = [];
      for (const [order, read] of totals) {
        const said = indexed.get(order) ?? NOTHING;
        if (isSame(read, said)) continue;
        if (problems.length === MAX_PROBLEMS) return [...problems, 'There are more orders like these.'];
        problems.push(
          `The index has ${said.events} events of order ${order} up to position ${upTo}; they are not the ` +
            `${read.events} that the log has.`,
        );
      }
      return problems;
    },
  };
};

const NOTHING: OrderTotals = { events: 0, positions: 0n, revisions: 0n };

const isSame = (one: OrderTotals, other: OrderTotals): boolean =>
  one.events === other.events && one.positions === other.positions && one.revisions === other.revisions;
