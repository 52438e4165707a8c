/** The order event index: an order's history is read from the log by it, and from nowhere else. */
import { sql } from 'kysely';
import type { Projection } from '../projection.ts';
import { asJson } from '../rows.ts';
import { rowOf } from './evolve.ts';
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
  apply: async (db, events) => {
    const rows = asJson(events.map(rowOf));
    await sql`insert into order_event select * from json_populate_recordset(null::order_event, ${rows})`.execute(
      db,
    );
  },
};
