/** Expiry on a real log and a real read model: whose time is up ends, once; who has paid never does. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { dispatchV3 } from '../../../src/commands/dispatch/v3.ts';
import { paymentNumberOf } from '../../../src/commands/payment-number.ts';
import { type SaleCommand, saleStream } from '../../../src/domain/sale/index.ts';
import {
  categoryIdSchema,
  holdTokenSchema,
  type OrderNumber,
  type ProgramId,
  type UserId,
} from '../../../src/domain/shared/ids.ts';
import { amountMinorSchema } from '../../../src/domain/shared/money.ts';
import { saleCodec } from '../../../src/event-catalogue.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { systemTiming } from '../../../src/eventstore/timing.ts';
import { type Expiry, type ExpiryDeps, startExpiry } from '../../../src/processes/expiry/index.ts';
import {
  deadlinesProjection,
  dueDeadlines,
  nextDeadlineMs,
} from '../../../src/projections/deadlines/index.ts';
import {
  causedBy,
  newBuyers,
  orderRequest,
  saleEventsOf,
  startSale,
  useTwoNodes,
} from '../../commands/dispatch/node.ts';
import { emptyTables, useDatabase } from '../../projections/read-models.ts';
import { until } from '../../support/until.ts';

const database = useDatabase();
const two = useTwoNodes();
const LONG_MS = 24 * 3_600_000 - 1;

beforeEach(() => emptyTables(database.db));

/** The read model learns what the log says by now. */
async function project(programId: ProgramId): Promise<void> {
  const stream = saleStream(programId);
  for await (const page of createStreamLog(two.store, saleCodec).read(stream, 0n)) {
    const wanted = page.flatMap(({ event, revision }) =>
      isHandled(event) ? [{ ...event, stream, revision, position: revision, recordedAtMs: 0 }] : [],
    );
    await database.db.transaction().execute((db) => deadlinesProjection.apply(db, wanted));
  }
}

type Handled = Parameters<typeof deadlinesProjection.apply>[1][number];
const isHandled = (event: { readonly type: string }): event is Handled =>
  deadlinesProjection.handles.some((type) => type === event.type);

type Watched = { readonly expiry: Expiry; readonly commands: SaleCommand[]; looks: number };

/** `aheadMs`: what its clock is ahead of ours, so that no test waits for a payment's time to be up. */
function expire(aheadMs: number, overrides: Partial<ExpiryDeps> = {}): Watched {
  const commands: SaleCommand[] = [];
  const watched = { commands, looks: 0 };
  const expiry = startExpiry({
    dueDeadlines: (nowMs, limit, except) => {
      watched.looks++;
      return dueDeadlines(database.db, nowMs, limit, except);
    },
    nextDeadlineMs: () => nextDeadlineMs(database.db),
    submit: (programId, command, context) => {
      commands.push(command);
      return two.nodes[1].sales.of(programId).submit(command, context);
    },
    nowMs: () => Date.now() + aheadMs,
    sleep: systemTiming.sleep,
    ...overrides,
  });
  onTestFinished(() => expiry.stop());
  return Object.assign(watched, { expiry });
}

const newSale = (rows = 2): Promise<ProgramId> =>
  startSale(two.nodes[0], `hall-${randomUUID()}`, rows, { perOrder: 4, perBuyer: 4 });

async function order(programId: ProgramId, buyer: UserId): Promise<OrderNumber> {
  const answer = await dispatchV3(
    two.nodes[0].deps,
    orderRequest(programId, buyer, 1, 'one'),
    causedBy(buyer),
  );
  if (answer.kind !== 'order_placed') throw new Error(JSON.stringify(answer));
  return answer.orderNumber;
}

async function hold(programId: ProgramId, buyer: UserId): Promise<void> {
  const outcome = await two.nodes[0].sales.of(programId).submit(
    {
      type: 'HoldSeats',
      nowMs: Date.now(),
      holdToken: holdTokenSchema.parse(randomUUID()),
      buyer,
      want: { by: 'category', category: categoryIdSchema.parse('stalls'), count: 1 },
    },
    causedBy('hold'),
  );
  expect(outcome.kind).toBe('seats_held');
}

async function ends(programId: ProgramId): Promise<string[]> {
  const events = await saleEventsOf(two.store, programId);
  return events.map(({ type }) => type).filter((type) => type === 'OrderExpired' || type === 'HoldExpired');
}

describe('expiry', () => {
  it('ends orders and holds of several sales when their time is up, and nothing before', async () => {
    const programs = await Promise.all([newSale(), newSale()]);
    for (const programId of programs) {
      const buyers = await newBuyers(two.nodes[0], 5);
      await Promise.all(buyers.map((buyer) => order(programId, buyer)));
      for (const buyer of buyers.slice(0, 1)) await hold(programId, buyer);
      await project(programId);
    }
    const early = expire(0);
    await until('it has looked', () => early.looks > 1);
    await early.expiry.stop();
    expect(early.commands).toEqual([]);
    const { expiry } = expire(LONG_MS);
    await until('all have ended', () => expiry.state().ended === 12);
    for (const programId of programs) {
      expect((await ends(programId)).sort()).toEqual(['HoldExpired', ...Array(5).fill('OrderExpired')]);
    }
    expect(expiry.state()).toEqual({ due: 0, ended: 12, lastError: undefined });
  });

  it('asks once for what the read model still has, and without haste', async () => {
    const programId = await newSale();
    const [buyer] = await newBuyers(two.nodes[0], 1);
    if (buyer === undefined) throw new Error('There is a buyer.');
    await order(programId, buyer);
    await project(programId);
    const watched = expire(LONG_MS);
    await until('it has looked again', () => watched.looks > 3);
    expect(watched.commands).toHaveLength(1);
    const [from, looksBefore] = [performance.now(), watched.looks];
    await until('a second has passed', () => performance.now() - from > 1_000);
    expect(watched.looks - looksBefore).toBeLessThan(5);
    await project(programId);
    watched.expiry.wake();
    await until('nothing is due', async () => (await nextDeadlineMs(database.db)) === undefined);
    expect(await ends(programId)).toEqual(['OrderExpired']);
  });

  it('never ends an order that was paid, though the read model has not heard of it', async () => {
    const programId = await newSale();
    const [buyer] = await newBuyers(two.nodes[0], 1);
    if (buyer === undefined) throw new Error('There is a buyer.');
    const orderNumber = await order(programId, buyer);
    await project(programId);
    const paid = await two.nodes[0].sales.of(programId).submit(
      {
        type: 'ConfirmPayment',
        orderNumber,
        paymentNumber: paymentNumberOf(orderNumber, 1),
        amountMinor: amountMinorSchema.parse(500),
      },
      causedBy('pay'),
    );
    expect(paid.kind).toBe('order_paid');
    const watched = expire(LONG_MS);
    await until('it was asked for', () => watched.commands.length === 1 && watched.expiry.state().due === 0);
    expect(await ends(programId)).toEqual([]);
    expect(watched.expiry.state().ended).toBe(0);
  });

  it('goes on where a run before it was stopped, and two at once end each once', async () => {
    const programId = await newSale(10);
    const buyers = await newBuyers(two.nodes[0], 60);
    await Promise.all(buyers.map((buyer) => order(programId, buyer)));
    await project(programId);
    const first = expire(LONG_MS);
    await until('some have ended', () => first.expiry.state().ended > 0);
    await first.expiry.stop();
    const both = [expire(LONG_MS), expire(LONG_MS)];
    await until('all have ended', async () => (await ends(programId)).length === 60);
    await until('nothing is due', () => both.every(({ expiry }) => expiry.state().due === 0));
    expect(await ends(programId)).toHaveLength(60);
  });

  it('shows why it cannot end something, and goes on with other sales', async () => {
    const [bad, good] = await Promise.all([newSale(), newSale()]);
    const buyers = await newBuyers(two.nodes[0], 2);
    for (const programId of [bad, good]) {
      await Promise.all(buyers.slice(0, 1).map((buyer) => order(programId, buyer)));
      await project(programId);
    }
    const { expiry } = expire(LONG_MS, {
      submit: (programId, command, context) =>
        programId === bad
          ? Promise.reject(new Error('the sale is out of reach'))
          : two.nodes[1].sales.of(programId).submit(command, context),
    });
    await until('the other one has ended', () => expiry.state().ended === 1);
    await until('one sees why', () => expiry.state().lastError === 'the sale is out of reach');
    expect(expiry.state().due).toBe(1);
    expect(await ends(good)).toEqual(['OrderExpired']);
  });
});
