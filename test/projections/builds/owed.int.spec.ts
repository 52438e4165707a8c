/** A swap is in the log once, whoever dies between the two and however many make up for it. */
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordOwedSwaps } from '../../../src/commands/record-swap.ts';
import { recordSwapsOf } from '../../../src/engine/owed-swaps.ts';
import { openProjectionStreams } from '../../../src/engine/streams.ts';
import { forgetSwapInSql, owedSwapsInSql } from '../../../src/projections/builds/index.ts';
import { startChild } from '../../support/child.ts';
import { printedRandom } from '../../support/random.ts';
import { eventsIn } from '../../support/selling.ts';
import { until } from '../../support/until.ts';
import { chapter } from './history.ts';
import { quietly, strictly, useHouse } from './house.ts';

const house = useHouse();
const random = printedRandom();

beforeAll(async () => {
  await house.append(chapter(random.seed, 1, 20));
  await house.fill();
});

const recorded = (name: string) => eventsIn(house.store, `Projection-${name}`);
/** Each with streams of its own, as another process has them. */
const makeUp = () => recordSwapsOf({ db: house.db }, openProjectionStreams(house.store));

describe('a swap', () => {
  it('owes the log what it did, by whose wish, and once it is recorded nothing more', async () => {
    const { certificate } = await house.rebuildable('orders').rebuild(strictly());
    const [owed] = await owedSwapsInSql(house.db);
    expect(owed).toMatchObject({ type: 'RecordRebuild', projection: 'orders', actor: 'olga' });
    expect(await recorded('orders')).toEqual([]);
    expect(await makeUp()).toEqual([owed]);
    const { version, digest, differences, to: position } = certificate;
    const data = { store: 'sql', build: 2, version, digest, differences, position };
    expect(await recorded('orders')).toMatchObject([
      { type: 'ProjectionRebuilt', data: { projection: 'orders', ...data, rebuiltAtMs: owed?.nowMs } },
    ]);
    expect(await makeUp()).toEqual([]);
    expect(await recorded('orders')).toHaveLength(1);
  });

  it('is still owed where the log cannot be reached, and then recorded once', async () => {
    await house.rebuildable('programs').rebuild(strictly());
    const away = new Error('The log is away.');
    const owed = () => owedSwapsInSql(house.db);
    const debts = { owed, forget: () => Promise.reject(new Error('Too early.')) };
    const projection = () => ({ submit: () => Promise.reject(away) });
    await expect(recordOwedSwaps({ projection, debts })).rejects.toBe(away);
    expect(await owed()).toHaveLength(1);
    await makeUp();
    expect(await recorded('programs')).toHaveLength(1);
  });

  it('is recorded once where whoever did it died before saying so', async () => {
    await house.rebuildable('deadlines').rebuild(strictly());
    const gone = new Error('Gone.');
    const debts = { owed: () => owedSwapsInSql(house.db), forget: () => Promise.reject(gone) };
    for (let turn = 0; turn < 3; turn += 1) {
      const { of } = openProjectionStreams(house.store);
      await expect(recordOwedSwaps({ projection: of, debts })).rejects.toBe(gone);
    }
    await makeUp();
    expect(await recorded('deadlines')).toHaveLength(1);
    expect(await owedSwapsInSql(house.db)).toEqual([]);
  });

  it('is recorded once by many at the same time, also after the next one', async () => {
    const slow = await house
      .rebuildable('payments')
      .rebuild(strictly())
      .then(() => owedSwapsInSql(house.db));
    await house.rebuildable('payments').rollback(quietly());
    await Promise.all([makeUp(), makeUp(), makeUp()]);
    // Who has looked long ago, and is only now at work.
    const debts = {
      owed: async () => slow,
      forget: (one: (typeof slow)[number]) => forgetSwapInSql(house.db, one),
    };
    await recordOwedSwaps({ projection: openProjectionStreams(house.store).of, debts });
    const types = (await recorded('payments')).map(({ type }) => type);
    expect(types).toEqual(['ProjectionRebuilt', 'ProjectionRolledBack']);
  });

  it('that was killed before it could record it is made up for', async () => {
    const child = startChild('rebuild-process', [house.postgresUrl, house.eventStoreUrl, 'tickets']);
    await until('it has swapped', () => child.lines.some((line) => line.startsWith('done')));
    await child.end('SIGKILL');
    expect(await recorded('tickets')).toEqual([]);
    await makeUp();
    await makeUp();
    expect(await recorded('tickets')).toMatchObject([{ type: 'ProjectionRebuilt', data: { build: 2 } }]);
  });

  it('that did not come about owes nothing', async () => {
    await sql`update program set venue_en = 'elsewhere'`.execute(house.db);
    const { outcome } = await house.rebuildable('programs').rebuild(quietly({ accept: async () => false }));
    expect(outcome).toBe('declined');
    expect(await makeUp()).toEqual([]);
    const before = (await recorded('programs')).length;
    const aborted = AbortSignal.abort(new Error('Enough.'));
    await expect(house.rebuildable('programs').rebuild(quietly({ signal: aborted }))).rejects.toThrow(
      'Enough.',
    );
    expect(await makeUp()).toEqual([]);
    expect(await recorded('programs')).toHaveLength(before);
  });
});
