/** The sales statistics projection: live stock per category, and what each minute brought. */
import { sql } from 'kysely';
import type { SaleEvent } from '../../domain/sale/index.ts';
import type { Db } from '../database.ts';
import type { Projected, Projection } from '../projection.ts';
import { asJson, upsert } from '../rows.ts';
import { type CountedEvent, type Counts, countsOf, stockRows } from './evolve.ts';

export * from './queries.ts';

type SaleStarted = Extract<SaleEvent, { readonly type: 'SaleStarted' }>;
type StatisticsEvent = SaleStarted | CountedEvent;

export const salesStatisticsProjection: Projection<StatisticsEvent> = {
  name: 'sales_statistics',
  version: 1,
  handles: [
    'SaleStarted',
    'SeatsHeld',
    'HoldReleased',
    'HoldExpired',
    'OrderPlaced',
    'OrderCancelled',
    'OrderExpired',
    'OrderReseated',
    'OrderPaid',
    'OrderRefunded',
  ],
  tables: [
    {
      name: 'category_stock',
      key: ['program_id', 'category'],
      subject: ['program_id', 'category'],
      subjectsOf: (event) =>
        event.type === 'SaleStarted'
          ? stockRows(event.data).map(({ program_id, category }) => [program_id, category])
          : countsOf([event]).map(({ program_id, category }) => [program_id, category]),
    },
    {
      name: 'sales_minute',
      key: ['program_id', 'category', 'minute_ms'],
      subject: ['program_id', 'category', 'minute_ms'],
      subjectsOf: (event) =>
        event.type === 'SaleStarted'
          ? []
          : countsOf([event]).map(({ program_id, category, minute_ms }) => [program_id, category, minute_ms]),
    },
  ],
  apply: async (db, events) => {
    const stock = events.flatMap((event) => (event.type === 'SaleStarted' ? stockRows(event.data) : []));
    await upsert(db, 'category_stock', ['program_id', 'category'], stock);
    const counts = countsOf(events.filter(isCounted));
    if (counts.length === 0) return;
    await moveStock(db, counts);
    await addToMinutes(db, counts);
  },
};

const isCounted = (event: Projected<StatisticsEvent>): event is Projected<CountedEvent> =>
  event.type !== 'SaleStarted';

const asRecords = (counts: readonly Counts[]) => sql`json_to_recordset(${asJson(counts)}) as counted(
  program_id text, category smallint, minute_ms bigint, held int, released int, sold int, refunded int)`;

const moveStock = async (db: Db, counts: readonly Counts[]): Promise<void> => {
  await sql`
    update category_stock stock
    set held = stock.held + change.held, sold = stock.sold + change.sold
    from (
      select program_id, category, sum(held - released - sold) as held, sum(sold - refunded) as sold
      from ${asRecords(counts)} group by program_id, category
    ) change
    where stock.program_id = change.program_id and stock.category = change.category
  `.execute(db);
};

/** A category has one price, which its sale was started with. */
const addToMinutes = async (db: Db, counts: readonly Counts[]): Promise<void> => {
  await sql`
    insert into sales_minute as minute (program_id, category, minute_ms, held, released, sold, refunded,
      revenue_minor, refunded_minor)
    select program_id, category, minute_ms, counted.held, released, counted.sold, refunded,
      counted.sold * price_minor, refunded * price_minor
    from ${asRecords(counts)} join category_stock using (program_id, category)
    on conflict (program_id, category, minute_ms) do update set
      held = minute.held + excluded.held,
      released = minute.released + excluded.released,
      sold = minute.sold + excluded.sold,
      refunded = minute.refunded + excluded.refunded,
      revenue_minor = minute.revenue_minor + excluded.revenue_minor,
      refunded_minor = minute.refunded_minor + excluded.refunded_minor
  `.execute(db);
};
