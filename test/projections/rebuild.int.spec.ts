/** A read model depends on the log alone: not on batches, not on when it was filled. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createSeatNames, type SaleEvent, type SaleTerms, saleStream } from '../../src/domain/sale/index.ts';
import { categoryIdSchema, programIdSchema } from '../../src/domain/shared/ids.ts';
import { applyBatch } from '../../src/projections/apply.ts';
import { ensureCheckpoints } from '../../src/projections/checkpoint.ts';
import { createProjections } from '../../src/projections/registry.ts';
import { stockOf as stockInSql } from '../../src/projections/sales-statistics/index.ts';
import { someTerms, steps } from '../domain/sale/arbitraries.ts';
import { type Model, stockOf } from '../domain/sale/model.ts';
import { printedRandom } from '../support/random.ts';
import { flashSale } from './flash-sale.ts';
import {
  applyInBatches,
  contents,
  emptyTables,
  inLog,
  inRandomBatches,
  type Told,
  useDatabase,
} from './read-models.ts';
import { play } from './sale-story.ts';

const random = printedRandom();
/** Leaves time to report a failure that could be made still smaller. */
const RUNS = { numRuns: 12, seed: random.seed, interruptAfterTimeLimit: 40_000 };

const database = useDatabase();

async function rowsAfter(batches: readonly (readonly Told[])[]) {
  await emptyTables(database.db);
  await applyInBatches(database.db, batches);
  return contents(database.db);
}

/** Orders and holds that are neither sold nor ended. */
const openIn = ({ bookings }: Model): string[] =>
  [...bookings]
    .flatMap(([key, { status }]) => (status === 'hold' || status === 'unpaid' ? [key] : []))
    .sort();

describe('the read models of a sale', () => {
  it('are the same whether the log comes event by event, in batches, or at once', async () => {
    const story = fc.asyncProperty(someTerms, steps(100), async (terms, told) => {
      const events = inLog(play(terms, told).events);
      const oneByOne = await rowsAfter(events.map((event) => [event]));
      expect(await rowsAfter(inRandomBatches(events, random))).toEqual(oneByOne);
      expect(await rowsAfter([events])).toEqual(oneByOne);
    });
    await fc.assert(story, RUNS);
  });

  it('say what a plain model of the sale says: stock, open deadlines, money and seats', async () => {
    const story = fc.asyncProperty(someTerms, steps(120), async (terms, told) => {
      const { model, events } = play(terms, told);
      const rows = await rowsAfter(inRandomBatches(inLog(events), random));
      const { held, sold } = stockOf(model);
      const stock = await stockInSql(database.db, terms.programId);
      expect(stock.map((category) => category.held)).toEqual(held);
      expect(stock.map((category) => category.sold)).toEqual(sold);
      expect(rows['deadline']?.map((row) => fieldOf(row, 'subject')).sort()).toEqual(openIn(model));
      expect(moneyIn(rows['sales_minute'] ?? [])).toBe(moneyOf(model));
      expect(statusesIn(rows['order_'] ?? [])).toEqual(statusesOf(model));
      expect(liveSeatsIn(rows['order_'] ?? [], rows['order_line'] ?? [])).toEqual(liveSeatsOf(model));
      expectLabels(terms, rows['order_line'] ?? []);
    });
    await fc.assert(story, RUNS);
  });

  it('keep the sales of two programs apart', async () => {
    const told = fc.sample(fc.tuple(someTerms, someTerms, steps(60)), { numRuns: 1, seed: random.seed })[0];
    if (told === undefined) throw new Error('A sample has one value.');
    const [one, other, story] = told;
    const second = { ...other, programId: programIdSchema.parse('nutcracker') };
    const first = play(one, story);
    // Order numbers are unique across sales.
    await emptyTables(database.db);
    const started: SaleEvent = { type: 'SaleStarted', data: second };
    const events = [...first.events, { stream: saleStream(second.programId), event: started }];
    await applyInBatches(database.db, [inLog(events)]);
    const { held } = stockOf(first.model);
    expect((await stockInSql(database.db, one.programId)).map((category) => category.held)).toEqual(held);
    const untouched = await stockInSql(database.db, second.programId);
    expect(untouched.every((category) => category.held === 0 && category.sold === 0)).toBe(true);
  });
});

describe('the read models of a whole flash sale', () => {
  const events = inLog(flashSale(120));

  it('are the same in any batches, payments, tickets and the event index too', async () => {
    const atOnce = await rowsAfter([events]);
    expect(await rowsAfter(inRandomBatches(events, random))).toEqual(atOnce);
    const filled = ['payment', 'refund', 'order_tickets', 'order_event'] as const;
    for (const table of filled) expect(atOnce[table]).not.toEqual([]);
  });

  it('are the same when batches come again, and when transactions break off', async () => {
    const atOnce = await rowsAfter([events]);
    await emptyTables(database.db);
    await sql`delete from projection`.execute(database.db);
    const away = new Error('The connection is lost.');
    // Behind any of them, so that what those before it have done is taken back.
    const projections = createProjections().map((projection) => ({
      ...projection,
      apply: async (...args: Parameters<typeof projection.apply>) => {
        await projection.apply(...args);
        if (random.next() < 0.1) throw away;
      },
    }));
    await ensureCheckpoints(database.db, projections);
    const counts = new Map<string, number>();
    const deps = {
      db: database.db,
      projections,
      isUnavailable: (error: unknown) => error === away,
      onStopped: (name: string, { error }: { readonly error: string }) => {
        throw new Error(`${name}: ${error}`);
      },
      onApplied: (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count),
    };
    for (let confirmed = 0; confirmed < events.length; ) {
      const part = events.slice(confirmed, confirmed + random.between(1, 60));
      const batch = {
        events: part.map((event) => ({ kind: 'event' as const, event: { ...event, ...RECORDED } })),
        position: part.at(-1)?.position ?? 0n,
        after: BigInt(confirmed - 1),
      };
      const isApplied = await applyBatch(deps, batch).then(
        () => true,
        () => false,
      );
      // Even one that was applied comes again now and then: its confirmation was lost.
      if (isApplied && random.next() < 0.7) confirmed += part.length;
    }
    expect(await contents(database.db)).toEqual(atOnce);
    for (const { name, handles } of projections) {
      expect(counts.get(name)).toBe(events.filter(({ type }) => handles.includes(type)).length);
    }
  });
});

const RECORDED = { id: '', metadata: { correlationId: '', causationId: '', actor: '', schemaVersion: 1 } };

function fieldOf(row: unknown, name: string): unknown {
  return typeof row === 'object' && row !== null ? Reflect.get(row, name) : undefined;
}

function moneyIn(minutes: readonly unknown[]): number {
  return minutes.reduce<number>(
    (sum, row) => sum + Number(fieldOf(row, 'revenue_minor')) - Number(fieldOf(row, 'refunded_minor')),
    0,
  );
}

function moneyOf({ bookings }: Model): number {
  return [...bookings.values()].reduce((sum, order) => sum + order.capturedMinor - order.refundedMinor, 0);
}

/** Of the orders that were placed, in the words of the model. */
function statusesIn(orders: readonly unknown[]): ReadonlyMap<unknown, unknown> {
  const placed = orders.filter((row) => fieldOf(row, 'placed_at_ms') !== null);
  const word = (status: string) => (status in WORDS ? WORDS[status] : 'ended');
  return new Map(placed.map((row) => [fieldOf(row, 'order_number'), word(String(fieldOf(row, 'status')))]));
}

const WORDS: Readonly<Record<string, string>> = {
  awaiting_payment: 'unpaid',
  paid: 'paid',
  issued: 'issued',
};

function statusesOf({ bookings }: Model): ReadonlyMap<unknown, unknown> {
  const orders = [...bookings].filter(([key]) => !key.startsWith('hold-'));
  return new Map(orders.map(([key, { status }]) => [key, status]));
}

/** The places of orders that have any, each as order, category and seat. */
function liveSeatsIn(orders: readonly unknown[], lines: readonly unknown[]): string[] {
  const isLive = (row: unknown) => String(fieldOf(row, 'status')) in WORDS;
  const live = new Set(orders.filter(isLive).map((row) => fieldOf(row, 'order_number')));
  return lines
    .filter((row) => live.has(fieldOf(row, 'order_number')) && fieldOf(row, 'refunded') === false)
    .map((row) => ['order_number', 'category_id', 'seat'].map((name) => fieldOf(row, name)).join(' '))
    .sort();
}

function liveSeatsOf({ bookings, terms }: Model): string[] {
  return [...bookings]
    .filter(([key, { status }]) => !key.startsWith('hold-') && status !== 'ended')
    .flatMap(([key, { tickets }]) =>
      tickets.map(({ place: [category, seat] }) => [key, terms.layout[category]?.id, seat].join(' ')),
    )
    .sort();
}

/** The layout reads the labels of a line back as the number of its seat. */
function expectLabels(terms: SaleTerms, lines: readonly unknown[]): void {
  const names = createSeatNames(terms.layout);
  for (const line of lines) {
    const seat = fieldOf(line, 'seat');
    if (seat === null) continue;
    const name = {
      category: categoryIdSchema.parse(fieldOf(line, 'category_id')),
      section: String(fieldOf(line, 'section')),
      row: String(fieldOf(line, 'row_label')),
      seat: String(fieldOf(line, 'seat_label')),
    };
    expect(names.numberOf(name)).toBe(seat);
  }
}
