/**
 * Random sequences of everything that happens to a gate, against a model: it never gives out more than the
 * stock, nothing is lost once all is settled and swept, and an event that comes again changes nothing.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyOfBuyer, keyOfDigest } from '../../src/domain/sale/keys.ts';
import type { ProgramId } from '../../src/domain/shared/ids.ts';
import type { Effect, Gate } from '../../src/gate/index.ts';
import { nameOf } from '../../src/gate/keys.ts';
import { printedRandom } from '../support/random.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { change, endExpired, endReservation, type Model, newModel, pendingOf, reserve } from './model.ts';
import {
  believed,
  buyer,
  type Clock,
  cancelled,
  fill,
  newProgram,
  placed,
  request,
  TTL_MS,
  testGate,
} from './support.ts';

const redis = useRedisServer();
const LIMIT = 5;
const EXPIRED_PER_RESERVE = 8;
const EVERYTHING = 1_000;
const RUNS = 150;

const { seed } = printedRandom();

const small = fc.nat({ max: 5 });
const name = fc.nat({ max: 14 });
const takes = fc
  .record({ first: fc.nat({ max: 3 }), second: fc.nat({ max: 2 }) })
  .map(({ first, second }) => [first, second].map((places, category) => ({ category, places })))
  .map((all) => all.filter(({ places }) => places > 0));

const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('reserve' as const), name, buyer: small, takes }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('confirm' as const), name, buyer: small, wrong: fc.boolean() }),
  },
  /** The log takes a reserved order, or with `past` one that never asked. */
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('place' as const),
      name,
      buyer: small,
      takes,
      past: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), nth: small }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('settle' as const), again: small }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('sweep' as const), most: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: TTL_MS }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('refill' as const), buckets: fc.integer({ min: 1, max: 5 }) }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Order = {
  readonly name: string;
  readonly buyer: number;
  readonly takes: { category: number; places: number }[];
};
type Logged = { readonly effect: Effect; readonly order: Order; readonly sign: 1 | -1 };

type World = {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly programId: ProgramId;
  readonly model: Model;
  readonly events: Logged[];
  readonly live: Order[];
};

const idOf = (key: string): string => nameOf(keyOfDigest(request(key)));
const asked = ({ programId }: World, { name: key, buyer: by, takes: places }: Order) => ({
  programId,
  buyer: buyer(by),
  requestId: request(key),
  takes: places,
});

async function perform(world: World, one: Step): Promise<void> {
  const { gate, clock, programId, model, events } = world;
  switch (one.do) {
    case 'reserve':
      return reserveBoth(world, { name: `${one.name}`, buyer: one.buyer, takes: one.takes });
    case 'release': {
      const released = await gate.release({ programId, requestId: request(`${one.name}`) });
      expect(released).toBe(endReservation(model, `${one.name}`) ? 'released' : 'unknown');
      return;
    }
    case 'confirm': {
      const underWay = model.underWay.get(one.buyer);
      const confirming = one.wrong ? `${one.name}` : (underWay ?? `${one.name}`);
      const isUnderWay = confirming === underWay;
      const confirmed = await gate.confirm(asked(world, { name: confirming, buyer: one.buyer, takes: [] }));
      expect(confirmed).toBe(isUnderWay ? 'confirmed' : 'unknown');
      model.answered.add(confirming);
      if (isUnderWay) model.underWay.delete(one.buyer);
      return;
    }
    case 'place':
      return place(world, { name: `${one.name}`, buyer: one.buyer, takes: one.takes }, one.past);
    case 'cancel': {
      const [order] = world.live.splice(one.nth, 1);
      if (order !== undefined) log(world, order, 1);
      return;
    }
    case 'settle':
      return settleBoth(world, one.again);
    case 'sweep': {
      const ended = endExpired(model, clock.nowMs, one.most, idOf);
      expect(await gate.sweep(programId, one.most)).toEqual({ ended, forgotten: 0 });
      return;
    }
    case 'wait':
      clock.nowMs += one.ms;
      return;
    case 'flush': {
      const keys = await redis.client.keys(`*{${programId}}*`);
      if (keys.length > 0) await redis.client.del(keys);
      model.seen = undefined;
      model.reserved.clear();
      model.underWay.clear();
      model.answered.clear();
      return;
    }
    case 'refill':
      return refillBoth(world, one.buckets, events.length);
  }
}

async function reserveBoth(world: World, order: Order): Promise<void> {
  const { gate, clock, model } = world;
  if (model.seen !== undefined) endExpired(model, clock.nowMs, EXPIRED_PER_RESERVE, idOf);
  const now = { nowMs: clock.nowMs, deadlineMs: clock.nowMs + TTL_MS };
  const expected = reserve(model, { ...order, ...now });
  const outcome = await gate.reserve(asked(world, order));
  expect(outcome).toEqual(expected);
  if (outcome.kind !== 'reserved' || outcome.again) return;
  for (const { category } of order.takes) {
    expect(pendingOf(model, category)).toBeLessThanOrEqual(model.seen?.free[category] ?? 0);
  }
}

/** The log decides by itself: a name places one order, and no more is sold than there is. */
function place(world: World, order: Order, past: boolean): void {
  const { model, events, live } = world;
  const names = [...model.reserved.keys()];
  const chosen = past ? order.name : (names[order.buyer % names.length] ?? order.name);
  const { buyer: by, takes: places } = model.reserved.get(chosen) ?? order;
  if (events.some((event) => event.sign === -1 && event.order.name === chosen)) return;
  if (places.some(({ category, places: count }) => (model.log.free[category] ?? 0) < count)) return;
  const placing = { name: chosen, buyer: by, takes: [...places] };
  live.push(placing);
  log(world, placing, -1);
}

function log(world: World, order: Order, sign: 1 | -1): void {
  change(world.model.log, order.buyer, order.takes, sign);
  const revision = BigInt(world.model.log.revision);
  const effect =
    sign === -1 ? placed(revision, asked(world, order)) : cancelled(revision, asked(world, order));
  world.events.push({ effect, order, sign });
}

/** Applies what is new, and once more the last few before. */
async function settleBoth(world: World, again: number): Promise<void> {
  const { gate, programId, model, events } = world;
  const { seen } = model;
  const from = Math.max(0, (seen?.revision ?? 0) - again);
  const outcome = await gate.settle(
    programId,
    events.slice(from).map(({ effect }) => effect),
  );
  if (seen === undefined) {
    expect(outcome).toEqual({ kind: 'empty' });
    return;
  }
  const fresh = events.slice(seen.revision);
  for (const { order, sign } of fresh) {
    change(seen, order.buyer, order.takes, sign);
    if (sign === -1) {
      endReservation(model, order.name);
      model.answered.add(order.name);
    }
  }
  expect(outcome).toEqual({ kind: 'settled', revision: BigInt(seen.revision), applied: fresh.length });
}

async function refillBoth(world: World, buckets: number, revision: number): Promise<void> {
  const { gate, programId, model, events } = world;
  const { free, has } = model.log;
  const answered = events.filter(({ sign }) => sign === -1).map(({ order }) => order.name);
  await fill(gate, programId, {
    free,
    buckets,
    otherBuckets: 1,
    revision: BigInt(revision),
    limitPerBuyer: LIMIT,
    buyers: [...has].map(([by, places]) => ({ buyer: keyOfBuyer(buyer(by)), places })),
    requests: answered.map((key) => keyOfDigest(request(key))),
  });
  model.seen = { free: [...free], has: new Map(has), revision };
  for (const key of answered) {
    endReservation(model, key);
    model.answered.add(key);
  }
}

async function compare({ gate, programId, model }: World): Promise<void> {
  const expected = model.seen?.free.map((free, category) => [free, pendingOf(model, category)]);
  expect(await believed(gate, programId)).toEqual(expected);
}

describe('a gate and its model', () => {
  it('agree on every outcome and every counter, and lose nothing once all is settled and swept', async () => {
    const buckets = fc.integer({ min: 1, max: 6 });
    const property = fc.asyncProperty(
      buckets,
      fc.array(step, { maxLength: 80, size: 'max' }),
      async (spread, steps) => {
        const { gate, clock } = testGate(redis.client, { requestMemoryMs: Number.MAX_SAFE_INTEGER });
        const stock = [9, 4];
        const model = newModel(stock, LIMIT);
        const world: World = { gate, clock, programId: newProgram(), model, events: [], live: [] };
        await fill(gate, world.programId, {
          free: stock,
          limitPerBuyer: LIMIT,
          buckets: spread,
          otherBuckets: 1,
        });
        for (const one of steps) {
          await perform(world, one);
          await compare(world);
        }
        await refillIfLost(world);
        await settleBoth(world, EVERYTHING);
        clock.nowMs += TTL_MS;
        await gate.sweep(world.programId, EVERYTHING);
        const rest = world.model.log.free.map((free) => [free, 0]);
        expect(await believed(gate, world.programId)).toEqual(rest);
        expect(await redis.client.exists(`seatlog:gate:{${world.programId}}:pending`)).toBe(0);
      },
    );
    await fc.assert(property, { seed, numRuns: RUNS });
  });
});

async function refillIfLost(world: World): Promise<void> {
  if (world.model.seen === undefined) await refillBoth(world, 1, world.events.length);
}
