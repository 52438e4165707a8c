/** Rebuilds and checks that are broken off, in every way, and taken up again. */
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { startChild } from '../../support/child.ts';
import { printedRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { contents } from '../read-models.ts';
import { chapter } from './history.ts';
import { quietly, strictly, useHouse } from './house.ts';

const KILLS = 10;
/** On a machine that does much else. */
const LONG_MS = 180_000;

const house = useHouse();
const random = printedRandom();
let intact: Awaited<ReturnType<typeof contents>>;

beforeAll(async () => {
  for (const number of [1, 2, 3, 4]) await house.append(chapter(random.seed, number, 60));
  await house.fill();
  intact = await contents(house.db);
});

/** Some of them are one transaction. */
const inPages = { pageMaxEvents: 25 };
const away = new Error('Enough of this.');

/** Breaks off after so many transactions. */
const brokenOff = (after: number) => {
  const controller = new AbortController();
  let transactions = 0;
  const onProgress = () => {
    transactions += 1;
    if (transactions === after) controller.abort(away);
  };
  return quietly({ signal: controller.signal, onProgress });
};

describe('a rebuild', () => {
  it('that was interrupted goes on where it was, and vouches for the same', async () => {
    const whole = (await house.rebuildable('orders', inPages).rebuild(strictly())).certificate;
    for (const transactions of [3, 5]) {
      await expect(house.rebuildable('orders', inPages).rebuild(brokenOff(transactions))).rejects.toBe(away);
      expect(await contents(house.db)).toEqual(intact);
    }
    const seen: number[] = [];
    const { certificate } = await house.rebuildable('orders', inPages).rebuild({
      ...strictly(),
      onProgress: ({ events }) => seen.push(events),
    });
    expect(seen[0]).toBeGreaterThan(7 * 90);
    expect(certificate.continuity).toMatchObject({ streams: whole.continuity.streams });
    expect(certificate.continuity.revisionsSince).toBeUndefined();
    expect(certificate.continuity.resumedAfter).toHaveLength(2);
    const { events, digest, from, to } = certificate;
    expect({ events, digest, from, to }).toEqual({
      ...{ events: whole.events, digest: whole.digest },
      ...{ from: whole.from, to: whole.to },
    });
    expect(await contents(house.db)).toEqual(intact);
  });

  it(
    'that is killed ten times goes on every time, and ends equal',
    async () => {
      const start = () =>
        startChild('rebuild-process', [house.postgresUrl, house.eventStoreUrl, 'order_events']);
      const resumed: string[] = [];
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const child = start();
        const lines = random.between(1, 4);
        await until('it has come so far', () => child.lines.length >= lines);
        await child.end('SIGKILL');
        resumed.push(child.lines.at(-1) ?? '');
      }
      const last = start();
      await until('it is done', () => last.lines.some((line) => line.startsWith('done')));
      await last.end('SIGTERM');
      const result = JSON.parse(last.lines.at(-1)?.slice('done '.length) ?? '{}');
      expect(result, resumed.join(', ')).toMatchObject({ outcome: 'swapped', differences: 0 });
      expect(await contents(house.db)).toEqual(intact);
      const { certificate } = await house.rebuildable('order_events').verify(quietly());
      expect(result.certificate.events).toEqual(certificate.events);
      expect(result.certificate.digest).toBe(certificate.digest);
    },
    LONG_MS,
  );

  it('that was interrupted still proves that no stream lacks an event, also of before', async () => {
    const before = await house.schemas();
    await expect(house.rebuildable('orders', inPages).rebuild(brokenOff(4))).rejects.toBe(away);
    const [schema = ''] = (await house.schemas()).filter((name) => !before.includes(name));
    const { rows } = await sql<{ bytes: number }>`
      select sum(length(touched))::integer as bytes from ${sql.id(schema, 'streams')}
    `.execute(house.db);
    expect(rows[0]?.bytes).toBeGreaterThan(0);
    // As if it had read none of the events that are in the log behind its place: the log begins in their midst.
    await sql`delete from ${sql.id(schema, 'streams')}`.execute(house.db);
    await expect(house.rebuildable('orders', inPages).rebuild(quietly())).rejects.toMatchObject({
      code: 'log_has_a_gap',
    });
    expect(await house.schemas()).toEqual(before);
  });

  it('is one at a time for each read model', async () => {
    await sql`update program set venue_en = 'elsewhere'`.execute(house.db);
    let refused: readonly unknown[] = [];
    const accept = async () => {
      const one = house.rebuildable('programs');
      refused = await Promise.all(
        [one.rebuild(quietly()), one.verify(quietly()), one.rollback(quietly())].map((each) =>
          each.catch((error: unknown) => error),
        ),
      );
      await house.rebuildable('deadlines').verify(quietly());
      return true;
    };
    await house.rebuildable('programs').rebuild(quietly({ accept }));
    const inProgress = expect.objectContaining({ code: 'rebuild_in_progress' });
    expect(refused).toEqual([inProgress, inProgress, inProgress]);
    expect(await contents(house.db)).toEqual(intact);
  });

  it('does not swap once its turn is over', async () => {
    await sql`update program set venue_en = 'elsewhere'`.execute(house.db);
    const accept = async () => {
      const turns = sql`
        from pg_locks where locktype = 'advisory' and granted
          and database = (select oid from pg_database where datname = current_database())
      `;
      await sql`select pg_terminate_backend(pid) ${turns}`.execute(house.db);
      await until('its connection is gone', async () => {
        return (await sql`select pid ${turns}`.execute(house.db)).rows.length === 0;
      });
      return true;
    };
    const rebuilt = house.rebuildable('programs').rebuild(quietly({ accept }));
    await expect(rebuilt).rejects.toMatchObject({ code: 'rebuild_in_progress' });
    expect(await contents(house.db)).not.toEqual(intact);
    await house.rebuildable('programs').rebuild(quietly());
    expect(await contents(house.db)).toEqual(intact);
  });
});

describe('a check', () => {
  it('that is interrupted leaves nothing behind', async () => {
    const before = await house.schemas();
    await expect(house.rebuildable('orders', inPages).verify(brokenOff(2))).rejects.toBe(away);
    expect(await house.schemas()).toEqual(before);
  });

  it('that was killed is swept up by the next one', async () => {
    const before = await house.schemas();
    await sql`create schema orders_check`.execute(house.db);
    await sql`create table orders_check.order_ (half integer)`.execute(house.db);
    const { differences } = await house.rebuildable('orders').verify(quietly());
    expect(differences.count).toBe(0);
    expect(await house.schemas()).toEqual(before);
  });
});
