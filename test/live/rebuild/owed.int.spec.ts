/** A swap in Redis is in the log once, wherever between its first step and its record somebody dies. */
import { beforeEach, describe, expect, it } from 'vitest';
import { recordSwapsOf } from '../../../src/engine/owed-swaps.ts';
import { openProjectionStreams } from '../../../src/engine/streams.ts';
import { createBuilds } from '../../../src/live/rebuild/builds.ts';
import { owedSwapsInRedis } from '../../../src/live/rebuild/index.ts';
import { oweSwap } from '../../../src/live/rebuild/owed.ts';
import { rebuildOwed } from '../../../src/live/rebuild/owed-swap.ts';
import { STATUS_PLACE } from '../../../src/live/rebuild/statuses-read.ts';
import type { RebuildProgress } from '../../../src/rebuild/rebuildable.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { placeOrder } from '../../domain/sale/fixtures.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { eventsIn } from '../../support/selling.ts';
import { beginSale, options, rebuildables, startProjector, untilSettled } from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
const all = () => rebuildables(redis, two.store);
const owed = () => owedSwapsInRedis(redis.client);
const makeUp = () => recordSwapsOf({ redis: redis.client }, openProjectionStreams(two.store));
const decisionsOf = (name: string) => eventsIn(two.store, `Projection-${name}`);
const live = () => createBuilds(redis.client, 'gate').live();

/** Two sales, settled; and counters of both that the gate has. */
beforeEach(async () => {
  await redis.client.flushall();
  const sales = [await beginSale(two.store), await beginSale(two.store)];
  for (const sale of sales) await sale.command(placeOrder());
  const projector = await startProjector(redis, two.store);
  for (const sale of sales) await untilSettled(redis, sale);
  await projector.stop();
});

const died = new Error('It died.');
/** In the middle: before the swap of the sale with this number, from 1. */
const diesAtSale = (number: number) => {
  const controller = new AbortController();
  let swaps = 0;
  const onProgress = ({ phase }: RebuildProgress) => {
    if (phase !== 'swapping') return;
    swaps += 1;
    // The sale at hand is still swapped.
    if (swaps === number - 1) controller.abort(died);
  };
  return options({ signal: controller.signal, onProgress });
};

describe('a rebuild of the gate', () => {
  it('is owed until it is recorded, by whose wish and as which build', async () => {
    const before = (await decisionsOf('gate')).length;
    const { certificate } = await all().gate.rebuild(options());
    const [one, ...others] = await owed();
    expect(others).toEqual([]);
    expect(one).toMatchObject({ type: 'RecordRebuild', projection: 'gate', actor: 'olga' });
    await Promise.all([makeUp(), makeUp()]);
    await makeUp();
    const [event, ...more] = (await decisionsOf('gate')).slice(before);
    expect(more).toEqual([]);
    const { digest, to: position } = certificate;
    expect(event).toMatchObject({
      type: 'ProjectionRebuilt',
      data: { store: 'redis', build: await live(), digest, position },
    });
    expect(await owed()).toEqual([]);
  });

  it('that died between two sales is recorded, and its number is the live one', async () => {
    const [before, build] = [(await decisionsOf('gate')).length, await live()];
    await expect(all().gate.rebuild(diesAtSale(2))).rejects.toBe(died);
    expect(await live()).toBe(build);
    await makeUp();
    await makeUp();
    const events = (await decisionsOf('gate')).slice(before);
    expect(events).toMatchObject([{ type: 'ProjectionRebuilt', data: { build: build + 1 } }]);
    expect(await live()).toBe(build + 1);
    await all().gate.rebuild(options());
    await makeUp();
    expect(await decisionsOf('gate')).toHaveLength(before + 2);
    expect(await live()).toBe(build + 2);
  });

  it('that died before its first swap is not recorded', async () => {
    const before = (await decisionsOf('gate')).length;
    const { certificate } = await all().gate.rebuild(options());
    await makeUp();
    await oweSwap(redis.client, rebuildOwed({ nowMs: Date.now, actor: 'olga' }, 9, certificate));
    expect(await makeUp()).toEqual([]);
    expect(await decisionsOf('gate')).toHaveLength(before + 1);
    expect(await live()).toBe(2);
  });

  it('is not judged while it is at work', async () => {
    const seen: unknown[] = [];
    let looking: Promise<unknown> = Promise.resolve();
    const onProgress = ({ phase }: RebuildProgress) => {
      if (phase !== 'swapping') return;
      looking = looking.then(async () => seen.push(await owed()));
    };
    await all().gate.rebuild(options({ onProgress }));
    await looking;
    expect(seen[0]).toEqual([]);
    expect(await owed()).toHaveLength(1);
  });

  it('and the way back are two records', async () => {
    const before = (await decisionsOf('gate')).length;
    await all().gate.rebuild(options());
    const { build } = await all().gate.rollback(options());
    await makeUp();
    expect((await decisionsOf('gate')).slice(before)).toMatchObject([
      { type: 'ProjectionRebuilt' },
      { type: 'ProjectionRolledBack', data: { build } },
    ]);
    expect(await live()).toBe(build);
  });
});

describe('a mending of order statuses', () => {
  it('is recorded each time, also where two of them look the same, and with no new number where they replaced nothing', async () => {
    // What was still on its way to Redis is replaced by the first.
    await all().orderStatuses.rebuild(options());
    await makeUp();
    const before = (await decisionsOf('order_statuses')).length;
    const build = await createBuilds(redis.client, STATUS_PLACE).live();
    await all().orderStatuses.rebuild(options());
    await all().orderStatuses.rebuild(options());
    await makeUp();
    expect((await decisionsOf('order_statuses')).slice(before)).toMatchObject([
      { type: 'ProjectionRebuilt', data: { build } },
      { type: 'ProjectionRebuilt', data: { build } },
    ]);
  });

  it('that died after it had begun is recorded', async () => {
    await all().orderStatuses.rebuild(options());
    await makeUp();
    const before = (await decisionsOf('order_statuses')).length;
    const keys = await redis.client.keys('*order*');
    for (const key of keys) await redis.client.del(key);
    await expect(all().orderStatuses.rebuild(diesAtSale(2))).rejects.toBe(died);
    await makeUp();
    expect(await decisionsOf('order_statuses')).toHaveLength(before + 1);
  });
});

it('A note that a later release has written is left to it', async () => {
  const text = '{"swap":{"type":"RecordSomethingElse"},"isDone":true}';
  await redis.client.hset('seatlog:owed-swaps', { one: text, two: 'nonsense' });
  expect(await makeUp()).toEqual([]);
  expect(await redis.client.hlen('seatlog:owed-swaps')).toBe(2);
});
