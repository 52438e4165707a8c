/**
 * Whatever a sale goes through, and whatever happens to Redis and to the projector meanwhile: in the end Redis says
 * what the sale says, seat for seat and buyer for buyer.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SaleState, saleDecider, saleStream } from '../../src/domain/sale/index.ts';
import { isClosed } from '../../src/domain/sale/outcomes.ts';
import type { Gate } from '../../src/gate/index.ts';
import type { GateProjector } from '../../src/live/gate-projector.ts';
import { type Step as Command, commandsOf, someTerms, steps } from '../domain/sale/arbitraries.ts';
import { idOf } from '../domain/sale/fixtures.ts';
import { createModel, follow, knownTo, type Model, type ModelBooking } from '../domain/sale/model.ts';
import { type Clock, newProgram, TTL_MS } from '../gate/support.ts';
import { printedRandom } from '../support/random.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { until } from '../support/until.ts';
import { createMemoryLog, type MemoryLog } from './log.ts';
import {
  keep,
  memoryPlaces,
  patientGate,
  setBack,
  startProjector,
  testStatuses,
  untilSeen,
  untilTrue,
} from './support.ts';

const redis = useRedisServer();
const { seed } = printedRandom();
const RUNS = 40;

const mishaps = [
  'none',
  'none',
  'flush',
  'lose a key',
  'set back',
  'fail over',
  'restart',
  'forget',
  'another',
] as const;
type Mishap = (typeof mishaps)[number];
const chapter = fc.record({
  mishap: fc.constantFrom(...mishaps),
  commands: steps(14),
  which: fc.nat(5),
});

type World = {
  readonly gate: Gate;
  readonly clock: Clock;
  readonly log: MemoryLog;
  readonly model: Model;
  readonly state: SaleState;
  readonly places: ReturnType<typeof memoryPlaces>;
  readonly projectors: GateProjector[];
  readonly start: () => Promise<GateProjector>;
  kept: { readonly key: string; readonly bytes: Buffer }[];
  /** Their numbers may come again here, with another buyer; the engine gives each to one only. */
  readonly turnedDown: Set<string>;
  replica: Awaited<ReturnType<typeof keep>>;
};

async function befall(world: World, mishap: Mishap, which: number): Promise<void> {
  const { places, projectors, start, model } = world;
  const keys = (await redis.client.keys(`*{${model.terms.programId}}*`)).sort();
  switch (mishap) {
    case 'none':
      return;
    case 'flush':
      await redis.client.flushall();
      return;
    case 'lose a key': {
      const lost = keys[which % keys.length];
      // Reservations without an order end at their deadline; what became of them is not told by the log.
      if (lost !== undefined) await redis.client.del(lost);
      return;
    }
    case 'set back': {
      const kept = await keepAtOnce(keys);
      const back = redis.client.multi();
      // What was not there then is not there now.
      if (world.kept.length > 0) for (const key of keys) back.del(key);
      for (const { key, bytes } of world.kept) back.restore(key, 0, bytes);
      await back.exec();
      world.kept = kept;
      return;
    }
    case 'fail over':
      return failOver(world);
    case 'restart':
    case 'forget': {
      await projectors.shift()?.stop();
      if (mishap === 'forget') places.saved = undefined;
      projectors.push(await start());
      return;
    }
    case 'another':
      if (projectors.length < 3) projectors.push(await start());
      return;
  }
}

/** As they are at one moment, like all that a Redis has written down of itself. */
async function keepAtOnce(keys: readonly string[]): Promise<World['kept']> {
  const all = redis.client.multi();
  for (const key of keys) all.dumpBuffer(key);
  const dumps = (await all.exec()) ?? [];
  return keys.flatMap((key, index) => {
    const bytes = dumps[index]?.[1];
    return Buffer.isBuffer(bytes) ? [{ key, bytes }] : [];
  });
}

/** Redis becomes what it was at the last time, orders too; then it had seen all that there was. */
async function failOver(world: World): Promise<void> {
  const { gate, log, model, projectors } = world;
  const { programId } = model.terms;
  await untilSeen(projectors, log);
  if (!isOver(world)) {
    await until('the sale is counted', async () => {
      return (await gate.counters(programId))?.revision === log.lastRevision(saleStream(programId));
    });
  }
  const replica = await keep(redis);
  if (world.replica.length > 0) await setBack(redis, world.replica);
  world.replica = replica;
}

const isOver = ({ state: { book } }: World): boolean => book !== undefined && isClosed(book);

/** Some ask the gate first, some come past it; the log decides either way. */
async function play(world: World, story: readonly Command[]): Promise<void> {
  const { gate, log, model, state } = world;
  const { programId } = model.terms;
  for (const [index, command] of [...commandsOf(story, () => knownTo(model))].entries()) {
    if (command.type === 'PlaceOrder' && index % 3 > 0) {
      const { buyer, requestId, ticketUsers } = command;
      const takes = [{ category: index % model.terms.layout.length, places: ticketUsers.length }];
      await gate.reserve({ programId, buyer, requestId, takes });
    }
    const { events } = saleDecider.decide(command, state);
    for (const event of events) {
      saleDecider.evolve(state, event);
      follow(model, event);
      if (event.type === 'OrderRejected' || event.type === 'OrderRepeated') {
        world.turnedDown.add(event.data.orderNumber);
      }
    }
    log.append(saleStream(programId), events);
  }
}

/** How an order without places ended is not in the model, unless they were given back for money. */
function shownOf({ status, tickets }: ModelBooking): readonly string[] {
  if (status === 'unpaid') return ['awaiting_payment'];
  if (status !== 'ended') return [status];
  return tickets.length === 0 ? ['refunded'] : ['cancelled', 'expired', 'payment_refused'];
}

describe('what the projector keeps in Redis', () => {
  it('is in the end what the sale says, whatever happened on the way', async () => {
    const tale = fc.record({
      terms: someTerms,
      chapters: fc.array(chapter, { minLength: 2, maxLength: 6 }),
      backs: fc.infiniteStream(fc.nat(6)),
      sizes: fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      maxPlaces: fc.constantFrom(1, 1_000_000),
    });
    const property = fc.asyncProperty(tale, async ({ terms: base, chapters, backs, sizes, maxPlaces }) => {
      await redis.client.flushall();
      const terms = { ...base, programId: newProgram() };
      const { gate, clock } = patientGate(redis);
      const log = createMemoryLog();
      const model = createModel(terms);
      const state = saleDecider.initial();
      const places = memoryPlaces();
      const { statuses } = testStatuses(redis);
      const choose = { back: () => backs.next().value ?? 0, size: () => sizes.next().value ?? 1 };
      const start = () =>
        startProjector(redis, log, { gate, statuses, places, source: log.source(choose), maxPlaces });
      const projectors = [await start()];
      const world: World = {
        gate,
        clock,
        log,
        model,
        state,
        places,
        projectors,
        start,
        kept: [],
        replica: [],
        turnedDown: new Set(),
      };
      try {
        const begun = { type: 'SaleStarted', data: terms } as const;
        saleDecider.evolve(state, begun);
        log.append(saleStream(terms.programId), [begun]);
        for (const { mishap, commands, which } of chapters) {
          await play(
            world,
            commands.map((one, index) => ({ ...one, which: one.which + index })),
          );
          await befall(world, mishap, which);
        }
        clock.nowMs += 2 * TTL_MS;
        await untilTrue(redis, gate, model, log);
        await untilSeen(projectors, log);
        const lost = chapters.some(({ mishap }) => mishap !== 'none' && mishap !== 'restart');
        for (const [key, booking] of model.bookings) {
          if (key.startsWith('hold-')) continue;
          const found = await statuses.read(idOf.order(key));
          if (lost && found === undefined) continue;
          // Nobody looks after a sale that has ended: its orders are shown as they were for up to an hour.
          if (isOver(world) && chapters.some(({ mishap }) => mishap === 'fail over')) continue;
          expect(found?.programId).toBe(terms.programId);
          if (!world.turnedDown.has(key)) expect(found?.buyer).toBe(booking.buyer);
          expect(shownOf(booking)).toContain(found?.status);
        }
      } finally {
        for (const projector of projectors) await projector.stop();
      }
    });
    await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true });
  });
});
