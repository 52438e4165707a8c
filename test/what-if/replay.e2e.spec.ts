/** `seatlog audit replay` over a log in a store: the same answer each time, recorded, and wrong settings told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SaleEvent } from '../../src/domain/sale/index.ts';
import { engineCodec } from '../../src/event-catalogue.ts';
import {
  type EventStore,
  encodeEvents,
  openEventStore,
  type StreamName,
} from '../../src/eventstore/index.ts';
import { flashSale } from '../projections/flash-sale.ts';
import { type Devstore, spawnSeatlog, startDevstore } from '../support/devstore-process.ts';

const ORDERS = 300;
const APPEND_EVENTS = 500;

let devstore: Devstore;
let store: EventStore;
beforeAll(async () => {
  devstore = await startDevstore();
  store = openEventStore({ connectionString: devstore.url });
  const events: readonly SaleEvent[] = flashSale(ORDERS).flatMap(({ stream, event }) =>
    stream.startsWith('Sale-') ? [event as SaleEvent] : [],
  );
  const stream = 'Sale-flash-sale' as StreamName;
  for (let from = 0; from < events.length; from += APPEND_EVENTS) {
    const context = { correlationId: 'test', causationId: `test ${from}`, actor: 'test' };
    const encoded = encodeEvents(engineCodec, stream, events.slice(from, from + APPEND_EVENTS), context);
    await store.append(stream, from === 0 ? 'no_stream' : BigInt(from) - 1n, encoded);
  }
});
afterAll(async () => {
  await store?.close();
  await devstore?.close();
});

async function replay(...args: readonly string[]) {
  const command = ['audit', 'replay', ...args, '--eventstore-url', devstore.url, '--operator', 'op-1'];
  const running = spawnSeatlog(command);
  const { code } = await running.exited;
  return { code, text: running.text };
}

describe('seatlog audit replay', () => {
  it('answers the same bytes for the same log and settings, and proves itself faithful', async () => {
    const settings = ['flash-sale', '--what-if', 'per-order=1', '--json'];
    const first = await replay(...settings);
    expect(first.code).toBe(0);
    expect((await replay(...settings)).text).toBe(first.text);
    const answer: unknown = JSON.parse(first.text);
    expect(answer).toMatchObject({
      isFaithful: true,
      recorded: { orders: { placed: ORDERS } },
      whatIf: { orders: { placed: ORDERS / 2, refused: { limit_per_order: ORDERS / 2 } } },
      settings: { recorded: { perOrder: 4 }, whatIf: { perOrder: 1 } },
    });
  });

  it('shows people a table with the differences, what is known, and how a replay takes it', async () => {
    const { code, text } = await replay('flash-sale', '--what-if', 'per-order=1', 'seat-policy=spread');
    expect(code).toBe(0);
    expect(text).toMatch(/orders placed +300 +300 +150 +-150/);
    expect(text).toMatch(/seat-policy +best +best +spread +changed/);
    expect(text).toContain(
      '300 came directly: how many others were refused beside them, the log does not say.',
    );
    expect(text).toContain('Whoever paid pays again');
  });

  it('is recorded in the log before it is answered', async () => {
    await replay('flash-sale', '--reason', 'the promoter asks');
    const trail = (await store.readAllPage()).filter(({ type }) => type === 'AuditRead').at(-1);
    expect(trail?.stream).toMatch(/^AuditTrail-op-1_/);
    expect(trail?.data).toMatchObject({
      ...{ question: 'replay', subject: 'flash-sale', reason: 'the promoter asks', via: 'cli' },
    });
  });

  it('says what is wrong with a setting, and which sale is not there', async () => {
    expect(await replay('flash-sale', '--what-if', 'hold-ttl=5')).toMatchObject({
      code: 2,
      text: expect.stringContaining('hold-ttl is a time with its unit'),
    });
    expect(await replay('flash-sale', '--what-if', 'price=5')).toMatchObject({
      code: 2,
      text: expect.stringContaining('“price” is no setting'),
    });
    expect(await replay('nowhere')).toMatchObject({
      code: 3,
      text: expect.stringContaining('program_not_found: The log has no sale of a program nowhere.'),
    });
  });
});
