/**
 * All read models behind the runner, on a real log: filled while it is written, and once more from nothing.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type SaleEvent, saleDecider, saleStream } from '../../src/domain/sale/index.ts';
import { engineCodec, streamPrefixes } from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { logSource } from '../../src/eventstore/log-source.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createProjections } from '../../src/projections/registry.ts';
import { startProjections } from '../../src/projections/runner.ts';
import { ANN, idOf, NOW_MS, people, placeOrder, terms } from '../domain/sale/fixtures.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';
import { contents, emptyTables } from './read-models.ts';

const stores = useStores();
let store: EventStore;
let postgres: Postgres;

beforeAll(async () => {
  store = openEventStore({ connectionString: stores.eventStoreUrl });
  postgres = openPostgres({ url: stores.postgresUrl, max: 5, onError: () => undefined });
  await migrate(postgres.db);
});
afterAll(async () => {
  await store?.close();
  await postgres?.close();
});

const ORDERS = 300;
const SALE = terms({
  layout: [{ kind: 'general', id: 'lawn', priceMinor: 500, capacity: ORDERS }],
  limits: { perOrder: 4, perBuyer: 10_000 },
  oneTicketPerIdDocument: false,
});

/** Orders of one ticket; every second is paid, every third of those refunded, the others cancelled. */
function story(): SaleEvent[] {
  const state = saleDecider.initial();
  const events: SaleEvent[] = [];
  const give = (command: Parameters<typeof saleDecider.decide>[0]) => {
    for (const event of saleDecider.decide(command, state).events) {
      saleDecider.evolve(state, event);
      events.push(event);
    }
  };
  give({ type: 'StartSale', terms: SALE });
  for (let number = 1; number <= ORDERS; number += 1) {
    const orderNumber = idOf.order(number);
    const want = { by: 'category', category: idOf.category('lawn'), count: 1 } as const;
    const requestId = idOf.request(number);
    give(placeOrder({ orderNumber, requestId, ticketUsers: people(number), want, nowMs: NOW_MS }));
    if (number % 2 === 0) {
      const payment = { paymentNumber: idOf.payment(number), amountMinor: idOf.money(500) };
      give({ type: 'ConfirmPayment', orderNumber, ...payment });
      if (number % 3 === 0) give({ type: 'RefundOrder', orderNumber });
    } else if (number % 3 === 0) give({ type: 'CancelOrder', orderNumber, buyer: ANN });
  }
  return events;
}

async function run() {
  return startProjections({
    db: postgres.db,
    source: logSource(store, engineCodec, { name: 'projections', streamPrefixes }),
    projections: createProjections(),
    isUnavailable: () => false,
    onStopped: (name, { error }) => console.error(name, error),
  });
}

async function hasAll(orders: number): Promise<boolean> {
  const tables = await contents(postgres.db);
  const [stock] = tables['category_stock'] ?? [];
  return (tables['order_'] ?? []).length === orders && JSON.stringify(stock)?.includes(DONE) === true;
}

/** Of 300: 150 unpaid, of which 50 cancelled; 150 paid, of which 50 refunded. */
const DONE = '"held":100,"sold":100';

it('the read models filled live equal those filled again from the log', async () => {
  const log = createStreamLog(store, engineCodec);
  const stream = saleStream(SALE.programId);
  const events = story();
  const runner = await run();
  for (let at = 0; at < events.length; at += 50) {
    const commandId = randomUUID();
    const part = log.encode(
      stream,
      events.slice(at, at + 50),
      { commandId, correlationId: 'x', actor: 'x' },
      commandId,
    );
    await log.append(stream, at === 0 ? 'no_stream' : BigInt(at - 1), part);
  }
  await until('all is shown', () => hasAll(ORDERS));
  await runner.stop();
  const live = await contents(postgres.db);

  await emptyTables(postgres.db);
  await sql`update projection set position = null`.execute(postgres.db);
  const rebuilding = await run();
  await until('all is shown again', () => hasAll(ORDERS));
  await rebuilding.stop();
  expect(await contents(postgres.db)).toEqual(live);
});
