/** What the events of sales count for: places that are taken, given back, sold and refunded. */
import {
  createSeatNames,
  type Place,
  programOfSaleStream,
  type SaleEvent,
  type SaleTerms,
} from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { Projected } from '../projection.ts';
import type { CategoryStockRow } from './table.ts';

const MINUTE = 60_000;

export type CountedEvent = Extract<
  SaleEvent,
  {
    readonly type:
      | 'SeatsHeld'
      | 'HoldReleased'
      | 'HoldExpired'
      | 'OrderPlaced'
      | 'OrderCancelled'
      | 'OrderExpired'
      | 'OrderReseated'
      | 'OrderPaid'
      | 'OrderRefunded';
  }
>;

/** What one category saw in one minute. */
export type Counts = {
  readonly program_id: ProgramId;
  readonly category: number;
  readonly minute_ms: number;
  held: number;
  released: number;
  sold: number;
  refunded: number;
};
type Counted = 'held' | 'released' | 'sold' | 'refunded';

/** In the order of their first events. */
export const countsOf = (events: readonly Projected<CountedEvent>[]): readonly Counts[] => {
  const counts = new Map<string, Counts>();
  for (const event of events) {
    const program_id = programOfSaleStream(event.stream);
    if (program_id === undefined) throw new Error(`${event.type} is in ${event.stream}, which is no sale's.`);
    const minute_ms = event.recordedAtMs - (event.recordedAtMs % MINUTE);
    const [what, places] = change(event);
    for (const [category] of places) {
      const key = `${program_id}/${category}/${minute_ms}`;
      const found = counts.get(key) ?? {
        ...{ program_id, category, minute_ms },
        ...{ held: 0, released: 0, sold: 0, refunded: 0 },
      };
      found[what] += 1;
      counts.set(key, found);
    }
  }
  return [...counts.values()];
};

const change = ({ type, data }: CountedEvent): readonly [Counted, readonly Place[]] => {
  switch (type) {
    case 'SeatsHeld':
    case 'OrderReseated':
      return ['held', data.places];
    case 'OrderPlaced':
      // The places of a hold that becomes an order were held before.
      return [
        'held',
        data.holdToken === undefined ? data.tickets.map(({ category }) => [category, null]) : [],
      ];
    case 'HoldReleased':
    case 'HoldExpired':
    case 'OrderCancelled':
    case 'OrderExpired':
      return ['released', data.places];
    case 'OrderPaid':
      return ['sold', data.places];
    case 'OrderRefunded':
      return ['refunded', data.places];
    default:
      return unreachable(type);
  }
};

export const stockRows = ({ programId, layout }: SaleTerms): readonly CategoryStockRow[] => {
  const seats = createSeatNames(layout);
  return layout.map((category, index) => {
    let capacity = category.kind === 'general' ? category.capacity : 0;
    for (const { kind } of seats.seatsOf(category.id)) capacity += kind === 'blocked' ? 0 : 1;
    return {
      program_id: programId,
      category: index,
      category_id: category.id,
      price_minor: category.priceMinor,
      capacity,
      held: 0,
      sold: 0,
    };
  });
};
