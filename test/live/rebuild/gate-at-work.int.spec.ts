/** The gate rebuilt and rolled back while orders are placed through it, and a rebuild that is killed. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { dispatchV3 } from '../../../src/commands/dispatch/v3.ts';
import type { SaleTerms } from '../../../src/domain/sale/index.ts';
import type { ProgramId, UserId } from '../../../src/domain/shared/ids.ts';
import { createOrderGate } from '../../../src/gate/index.ts';
import {
  causedBy,
  newBuyers,
  orderRequest,
  placedOrdersOf,
  saleEventsOf,
  startSale,
  useTwoNodes,
} from '../../commands/dispatch/node.ts';
import { placeOrder } from '../../domain/sale/fixtures.ts';
import { startChild } from '../../support/child.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import {
  beginSale,
  keyIn,
  options,
  patientGate,
  rebuildables,
  shortly,
  startProjector,
  untilSettled,
} from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
const ROWS = 24;
const SEATS = 10 * ROWS;
const ORDERS_AT_ONCE = 8;
/** Ten processes are started and killed. */
const KILLS_TIMEOUT_MS = 180_000;
const KILLS = 10;
const PHASES = ['swapping', 'reading', 'comparing'] as const;
const LIMITS = { perOrder: 4, perBuyer: 4 };

const termsOf = async (programId: ProgramId): Promise<SaleTerms | undefined> => {
  const [first] = await saleEventsOf(two.store, programId);
  return first?.type === 'SaleStarted' ? first.data : undefined;
};

/** A hall, a buyer for each of its seats, and a projector. */
async function hallWithBuyers() {
  const gate = patientGate(redis);
  const orderGate = createOrderGate(gate, { termsOf });
  const programId = await startSale(two.nodes[0], `hall-${randomUUID()}`, ROWS, LIMITS);
  const buyers = await newBuyers(two.nodes[0], SEATS);
  const projector = await startProjector(redis, two.store);
  await until('the gate counts', async () => (await gate.counters(programId)) !== undefined);
  const refused: string[] = [];
  let placed = 0;
  const buy = async (buyer: UserId, nth: number): Promise<void> => {
    const node = two.nodes[nth % 2 === 0 ? 0 : 1];
    const deps = { ...node.deps, gate: orderGate };
    const answer = await dispatchV3(deps, orderRequest(programId, buyer, 1, 'one'), causedBy(buyer));
    if (answer.kind === 'order_placed') placed += 1;
    else refused.push(JSON.stringify(answer));
  };
  /** All of them, some at a time. */
  const sellOut = async (): Promise<void> => {
    const waiting = buyers.map((buyer, nth) => [buyer, nth] as const);
    const till = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await buy(...next);
    };
    await Promise.all(Array.from({ length: ORDERS_AT_ONCE }, till));
  };
  const placedSoFar = (): number => placed;
  return { gate, programId, projector, sellOut, refused, placedSoFar, buyers };
}

async function expectSoldOut({
  gate,
  programId,
  refused,
  buyers,
}: Awaited<ReturnType<typeof hallWithBuyers>>) {
  expect(refused).toEqual([]);
  const orders = await placedOrdersOf(two.store, programId);
  expect(new Set(orders.map(({ buyer }) => buyer))).toEqual(new Set(buyers));
  const lastRevision = BigInt((await saleEventsOf(two.store, programId)).length - 1);
  await untilSettled(redis, { programId, lastRevision: () => lastRevision });
  expect(await gate.counters(programId)).toMatchObject({
    buyers: SEATS,
    categories: [{ category: 0, projected: 0, pending: 0 }],
  });
  const { differences } = await rebuildables(redis, two.store).gate.verify(options());
  expect(shortly(differences)).toEqual({ count: 0, first: [] });
}

describe('the gate, while orders are placed through it', () => {
  it('is rebuilt again and again: no order is lost or refused, and the counters are true', async () => {
    const hall = await hallWithBuyers();
    const { gate } = rebuildables(redis, two.store);
    const selling = hall.sellOut();
    let rebuilds = 0;
    let slowestMs = 0;
    while (hall.placedSoFar() < SEATS - 2 * ORDERS_AT_ONCE || rebuilds === 0) {
      const { outcome, swapMs, differences } = await gate.rebuild(options());
      expect({ outcome, differences: shortly(differences) }).toEqual({
        outcome: 'swapped',
        differences: { count: 0, first: [] },
      });
      slowestMs = Math.max(slowestMs, swapMs);
      rebuilds += 1;
    }
    await selling;
    expect(rebuilds).toBeGreaterThan(0);
    expect(slowestMs).toBeLessThan(1_000);
    await expectSoldOut(hall);
    expect(hall.projector.state()).toMatchObject({ brokenSales: [], lastError: undefined });
  });

  it('goes back to the version before, which is true by then, and forth again', async () => {
    const hall = await hallWithBuyers();
    const { gate } = rebuildables(redis, two.store);
    await gate.rebuild(options());
    const selling = hall.sellOut();
    const halfway = SEATS / 2;
    await until('half of it is sold', () => hall.placedSoFar() > halfway);
    const back = await gate.rollback(options());
    expect(back.swapMs).toBeLessThan(1_000);
    const forth = await gate.rollback(options());
    expect(forth.build).toBe(back.build + 1);
    await selling;
    await expectSoldOut(hall);
  });
});

describe('a rebuild that is killed', () => {
  it(
    'leaves nothing but what ends by itself, and the next one ends as if nothing had been',
    async () => {
      const sales = [];
      for (let nth = 0; nth < 5; nth += 1) {
        const sale = await beginSale(two.store);
        await sale.command(placeOrder());
        sales.push(sale);
      }
      const projector = await startProjector(redis, two.store);
      for (const sale of sales) await untilSettled(redis, sale);
      await projector.stop();
      for (let nth = 0; nth < KILLS; nth += 1) {
        const phase = PHASES[nth % PHASES.length] ?? 'swapping';
        const sale = sales[nth % sales.length];
        if (sale !== undefined) await redis.client.hincrby(keyIn(sale.programId, 'stock'), '0:0', 1);
        const child = startChild('redis-rebuild-process', [two.devstore.url, redis.url]);
        await until(`it is ${phase}`, () => child.lines.includes(phase));
        await child.end('SIGKILL');
        // As if time had passed. The turn of the last one is waited for.
        if (nth < KILLS - 1) await redis.client.pexpire('seatlog:rebuild:{gate}', 1);
      }
      for (const key of await redis.client.keys('seatlog:gate:*:next:*')) {
        expect(await redis.client.pttl(key)).toBeGreaterThan(0);
      }
      const { gate } = rebuildables(redis, two.store);
      expect((await gate.rebuild(options())).outcome).toBe('swapped');
      expect(shortly((await gate.verify(options())).differences)).toEqual({ count: 0, first: [] });
      expect(await redis.client.keys('seatlog:gate:*:next:*')).toEqual([]);
    },
    KILLS_TIMEOUT_MS,
  );
});
