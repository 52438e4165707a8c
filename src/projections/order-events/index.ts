/** The order event index: an order's history is read from the log by it, and from nowhere else. */
import { writeRows } from '../bulk.ts';
import type { Projection } from '../projection.ts';
import { rowOf } from './evolve.ts';
import { orderEventTable } from './table.ts';
import { type IndexedEvent, indexedTypes } from './types.ts';

export * from './queries.ts';

export const orderEventsProjection: Projection<IndexedEvent> = {
  name: 'order_events',
  version: 1,
  handles: indexedTypes,
  tables: [
    {
      name: 'order_event',
      key: ['order_number', 'position'],
      subject: ['order_number', 'position'],
      subjectsOf: ({ data, position }) => [[data.orderNumber, position.toString()]],
    },
  ],
  apply: (db, events) => writeRows(db, orderEventTable, events.map(rowOf)),
};
