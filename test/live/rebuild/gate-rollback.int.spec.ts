/** The way back to the gate's counters of before, wherever it or the rebuild before it was interrupted. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordSwapsOf } from '../../../src/engine/owed-swaps.ts';
import { openProjectionStreams } from '../../../src/engine/streams.ts';
import { createBuilds } from '../../../src/live/rebuild/builds.ts';
import type { RebuildProgress } from '../../../src/rebuild/rebuildable.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { placeOrder } from '../../domain/sale/fixtures.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { eventsIn } from '../../support/selling.ts';
import {
  beginSale,
  type CommandedSale,
  keyIn,
  options,
  rebuildables,
  startProjector,
  untilSettled,
} from './support.ts';

const SALES = 4;
const two = useTwoNodes();
const redis = useRedisServer();
const gate = () => rebuildables(redis, two.store).gate;
const live = () => createBuilds(redis.client, 'gate').live();
const makeUp = () => recordSwapsOf({ redis: redis.client }, openProjectionStreams(two.store));
const sales: CommandedSale[] = [];

/** By a buyer whom the log does not know: the marks of all sales, in their order. */
const mark = async (text: string): Promise<void> => {
  for (const { programId } of sales) await redis.client.hset(keyIn(programId, 'buyers'), 'mark', text);
};
const marks = (): Promise<readonly (string | null)[]> =>
  Promise.all(sales.map(({ programId }) => redis.client.hget(keyIn(programId, 'buyers'), 'mark')));
const all = (text: string | null) => sales.map(() => text);

beforeAll(async () => {
  for (let nth = 0; nth < SALES; nth += 1) sales.push(await beginSale(two.store));
  for (const sale of sales) await sale.command(placeOrder());
});

/** Settled, marked, and rebuilt, so that the version before is told from the live one. */
beforeEach(async () => {
  await redis.client.flushall();
  const projector = await startProjector(redis, two.store);
  for (const sale of sales) await untilSettled(redis, sale);
  await projector.stop();
  await mark('1');
  await gate().rebuild(options());
  expect(await marks()).toEqual(all(null));
});

const died = new Error('It died.');
/** Before it swaps the sale with this number, from 0. */
const diesAt = (nth: number) => {
  const controller = new AbortController();
  let begun = 0;
  const onProgress = ({ phase }: RebuildProgress) => {
    if (phase !== 'swapping') return;
    if (begun === nth) controller.abort(died);
    begun += 1;
  };
  return options({ signal: controller.signal, onProgress });
};
const expectSome = async (text: string): Promise<void> => {
  const found = (await marks()).filter((one) => one === text).length;
  expect([0, SALES]).not.toContain(found);
};

describe('a rollback of the gate that was interrupted between two sales', () => {
  it.each([
    ['before anybody recorded it', async () => undefined],
    ['and was recorded by somebody else', makeUp],
  ])('%s, is finished by the next one and flips nothing back', async (_, meanwhile) => {
    const before = (await eventsIn(two.store, 'Projection-gate')).length;
    await expect(gate().rollback(diesAt(2))).rejects.toBe(died);
    await expectSome('1');
    await meanwhile();
    const { build } = await gate().rollback(options());
    expect(await marks()).toEqual(all('1'));
    expect([build, await live()]).toEqual([1, 1]);
    await makeUp();
    const decisions = (await eventsIn(two.store, 'Projection-gate')).slice(before);
    expect(decisions.filter(({ type }) => type === 'ProjectionRolledBack')).toHaveLength(1);
  });

  it('is finished however often it is interrupted, also right behind its last sale', async () => {
    for (let kill = 0; kill < SALES; kill += 1) {
      await expect(gate().rollback(diesAt(kill === 0 ? 0 : 1))).rejects.toBe(died);
    }
    expect(await gate().rollback(options())).toMatchObject({ build: 1 });
    expect(await marks()).toEqual(all('1'));
    await redis.client.hset('seatlog:gate:builds', {
      rollback: JSON.stringify({ swapId: await redis.client.hget('seatlog:gate:builds', 'swap'), build: 1 }),
    });
    expect(await gate().rollback(options())).toMatchObject({ build: 1 });
    expect(await marks()).toEqual(all('1'));
  });

  it('is over once a rebuild has made all counters anew', async () => {
    await expect(gate().rollback(diesAt(2))).rejects.toBe(died);
    await makeUp();
    await gate().rebuild(options());
    expect(await marks()).toEqual(all(null));
    await mark('3');
    await gate().rebuild(options());
    await gate().rollback(options());
    expect(await marks()).toEqual(all('3'));
  });
});

describe('a rollback of the gate', () => {
  it('goes forward again where it is done twice', async () => {
    await gate().rollback(options());
    expect(await marks()).toEqual(all('1'));
    expect(await gate().rollback(options())).toMatchObject({ build: 2 });
    expect(await marks()).toEqual(all(null));
    expect(await gate().rollback(options())).toMatchObject({ build: 1 });
    expect(await marks()).toEqual(all('1'));
  });

  it('undoes the last rebuild where that was interrupted, and reaches no sale that it had not', async () => {
    await mark('2');
    await expect(gate().rebuild(diesAt(2))).rejects.toBe(died);
    await makeUp();
    await expectSome('2');
    await gate().rollback(options());
    expect(await marks()).toEqual(all('2'));
  });

  it('brings back what a release replaced that wrote down no swaps', async () => {
    for (const { programId } of sales) await redis.client.hdel(keyIn(programId, 'previous:stock'), 'swap');
    await redis.client.hdel('seatlog:gate:builds', 'swap');
    await expect(gate().rollback(diesAt(1))).rejects.toBe(died);
    await gate().rollback(options());
    expect(await marks()).toEqual(all('1'));
  });
});
