/** The index finds every event of an order in the log, and nothing else. */
import { expect, it } from 'vitest';
import { laneStream } from '../../src/domain/order-queue/index.ts';
import { eventsOfOrder } from '../../src/projections/order-events/index.ts';
import { idOf, people, queue, terms } from '../domain/sale/fixtures.ts';
import { printedRandom } from '../support/random.ts';
import { flashSale, type InStream } from './flash-sale.ts';
import { applyInBatches, emptyTables, inLog, inRandomBatches, useDatabase } from './read-models.ts';

const database = useDatabase();
const random = printedRandom();

it('the events of an order are found where they are, in the order of the log', async () => {
  const told = inLog([...flashSale(60), ...flashSale(20, { program: 'matinee', buyerOf: () => 'fan' })]);
  await emptyTables(database.db);
  await applyInBatches(database.db, inRandomBatches(told, random));
  const orders = new Set(told.flatMap(({ data }) => ('orderNumber' in data ? [data.orderNumber] : [])));
  for (const orderNumber of orders) {
    const itsOwn = told
      .filter(({ data }) => 'orderNumber' in data && data.orderNumber === orderNumber)
      .map(({ stream, revision, position, type, recordedAtMs }) => ({
        ...{ stream, revision, position, type, recordedAtMs },
      }));
    expect(await eventsOfOrder(database.db, orderNumber)).toEqual(itsOwn);
  }
});

it('a queued order that was turned down is found in its lane and in the sale', async () => {
  const orderNumber = idOf.order(77);
  const buyer = idOf.user('ann');
  const { programId } = terms();
  const want = { by: 'category', category: idOf.category('stalls'), count: 1 } as const;
  const queued = { orderNumber, programId, buyer, requestId: idOf.request(1), ticketUsers: people(1), want };
  const events: InStream[] = [
    { stream: laneStream(3), event: { type: 'OrderQueued', data: { ...queued, deadlineMs: 5 } } },
    {
      stream: `Sale-${programId}`,
      event: { type: 'OrderRejected', data: { orderNumber, buyer, code: 'sold_out', queue: queue(0, 3) } },
    },
  ];
  await emptyTables(database.db);
  await applyInBatches(database.db, [inLog(events)]);
  expect(await eventsOfOrder(database.db, orderNumber)).toMatchObject([
    { stream: laneStream(3), revision: 0n, position: 0n, type: 'OrderQueued' },
    { stream: `Sale-${programId}`, revision: 0n, position: 1n, type: 'OrderRejected' },
  ]);
  expect(await eventsOfOrder(database.db, idOf.order(78))).toEqual([]);
});
