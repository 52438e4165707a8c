/** Whose time is up: read from the log, so that no restart forgets anybody. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type SaleEvent, saleStream } from '../../src/domain/sale/index.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { dueDeadlines, nextDeadlineMs } from '../../src/projections/deadlines/index.ts';
import { ANN, idOf, people, started, terms } from '../domain/sale/fixtures.ts';
import { applyInBatches, emptyTables, inLog, useDatabase } from './read-models.ts';

const database = useDatabase();
const PROGRAM = terms().programId;
const OTHER = programIdSchema.parse('nutcracker');

const tell = (events: readonly SaleEvent[], program = PROGRAM) =>
  applyInBatches(database.db, [inLog(events.map((event) => ({ stream: saleStream(program), event })))]);

const held = (token: string, expiresAtMs: number): SaleEvent => ({
  type: 'SeatsHeld',
  data: {
    ...{ holdToken: idOf.hold(token), buyer: ANN, places: [[0, 0]], together: 'row', content: 1 },
    expiresAtMs,
  },
});

const placed = (number: number, deadlineMs: number, hold?: string): SaleEvent => ({
  type: 'OrderPlaced',
  data: {
    ...{ orderNumber: idOf.order(number), buyer: ANN, requestId: idOf.request(number), content: 1 },
    tickets: people(1).map((person) => ({ ...person, category: 0, seat: 0, priceMinor: idOf.money(500) })),
    ...{ amountMinor: idOf.money(500), together: 'row', deadlineMs },
    ...(hold === undefined ? {} : { holdToken: idOf.hold(hold) }),
  },
});

const places: [number, number][] = [[0, 0]];

describe('the deadlines', () => {
  beforeEach(async () => {
    await emptyTables(database.db);
    await tell([started()]);
    await tell([started({ programId: OTHER })], OTHER);
  });

  it('that have passed come longest overdue first, and no more than asked for', async () => {
    await tell([placed(1, 300), held('h', 100), placed(2, 200), placed(3, 301)]);
    expect(await dueDeadlines(database.db, 300, 10)).toEqual([
      { programId: PROGRAM, kind: 'hold', holdToken: 'h', dueAtMs: 100 },
      { programId: PROGRAM, kind: 'order', orderNumber: '2', dueAtMs: 200 },
      { programId: PROGRAM, kind: 'order', orderNumber: '1', dueAtMs: 300 },
    ]);
    expect(await dueDeadlines(database.db, 300, 1)).toHaveLength(1);
    expect(await dueDeadlines(database.db, 300, 1, [OTHER])).toHaveLength(1);
    expect(await dueDeadlines(database.db, 300, 1, [OTHER, PROGRAM])).toEqual([]);
    expect(await nextDeadlineMs(database.db)).toBe(100);
  });

  it.each<readonly [string, SaleEvent]>([
    ['is cancelled', { type: 'OrderCancelled', data: { orderNumber: idOf.order(1), places } }],
    ['expires', { type: 'OrderExpired', data: { orderNumber: idOf.order(1), places } }],
    [
      'is paid',
      {
        type: 'OrderPaid',
        data: {
          ...{ orderNumber: idOf.order(1), paymentNumber: idOf.payment(1), places },
          amountMinor: idOf.money(500),
        },
      },
    ],
  ])('of an order goes when it %s', async (_, end) => {
    await tell([placed(1, 5), placed(2, 6)]);
    await tell([end]);
    expect(await dueDeadlines(database.db, 10, 10)).toMatchObject([{ orderNumber: '2' }]);
  });

  it('of a hold goes when it is released, expires or becomes an order', async () => {
    await tell([held('released', 1), held('expired', 2), held('ordered', 3)]);
    await tell([
      { type: 'HoldReleased', data: { holdToken: idOf.hold('released'), places } },
      { type: 'HoldExpired', data: { holdToken: idOf.hold('expired'), places } },
      placed(1, 9, 'ordered'),
    ]);
    expect(await dueDeadlines(database.db, 10, 10)).toMatchObject([{ kind: 'order', dueAtMs: 9 }]);
  });

  it('of a hold stays when another program has a hold of that name', async () => {
    await tell([held('same', 1)]);
    await tell([held('same', 2)], OTHER);
    await tell([{ type: 'HoldReleased', data: { holdToken: idOf.hold('same'), places } }], OTHER);
    expect(await dueDeadlines(database.db, 10, 10)).toMatchObject([{ programId: PROGRAM }]);
  });

  it('have no next one when all have ended', async () => {
    expect(await nextDeadlineMs(database.db)).toBeUndefined();
  });
});
