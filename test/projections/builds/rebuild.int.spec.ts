/** A read model built anew from the log is the live one, row for row, and takes its place. */
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { streamPrefixes } from '../../../src/event-catalogue.ts';
import { createProjections } from '../../../src/projections/registry.ts';
import { certificateSchema } from '../../../src/rebuild/certificate.ts';
import { printedRandom } from '../../support/random.ts';
import { contents } from '../read-models.ts';
import { chapter } from './history.ts';
import { quietly, strictly, useHouse } from './house.ts';

const house = useHouse();
const random = printedRandom();
/** On a machine that does much else. */
const LONG_MS = 180_000;
const CHAPTERS = 3;

const buildOf = async (name: string) => {
  const { rows } = await sql<{ build: number; version: number; position: string }>`
    select build, version, position from projection where name = ${name}
  `.execute(house.db);
  return rows[0];
};

/** The whole log as it is, with nothing of what is tested. */
async function wholeLog() {
  const events = [];
  for (let from: bigint | 'start' = 'start'; ; ) {
    const page = await house.store.readAllPage({ from, maxCount: 1_000 });
    events.push(...page.filter(({ position }) => position !== from));
    const last = page.at(-1)?.position;
    if (last === undefined || last === from) return events;
    from = last;
  }
}

beforeAll(async () => {
  await house.append(chapter(random.seed, 0));
  await house.fill();
});

describe('a rebuild', () => {
  it(
    'finds no difference, whatever has happened, and leaves the same rows',
    async () => {
      for (let number = 1; number <= CHAPTERS; number += 1) {
        await house.append(chapter(random.seed, number));
        await house.fill();
        const before = await contents(house.db);
        for (const rebuildable of house.rebuildables()) {
          const { outcome, differences } = await rebuildable.rebuild(strictly());
          expect([rebuildable.name, outcome, differences]).toEqual([
            rebuildable.name,
            'swapped',
            { count: 0, first: [] },
          ]);
        }
        expect(await contents(house.db)).toEqual(before);
        const kept = createProjections().map(({ name }) => `${name}_${number}`);
        expect(await house.schemas()).toEqual(kept.sort());
      }
    },
    LONG_MS,
  );

  it('leaves tables that look as the migrations made them, down to the names of indexes', async () => {
    const named = async () => {
      const { rows } = await sql<{ name: string }>`
        select relname as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'i', 'I', 'v') order by 1
      `.execute(house.db);
      return rows;
    };
    const before = await named();
    for (const rebuildable of house.rebuildables()) await rebuildable.rebuild(strictly());
    expect(await named()).toEqual(before);
  });

  it('tells rows apart by their primary keys, where tables have one', async () => {
    const { rows } = await sql<{ name: string; key: string[] }>`
      select relname as name, array_agg(attname::text order by array_position(indkey::int2[], attnum)) as key
      from pg_index join pg_class on pg_class.oid = indrelid
      join pg_attribute on attrelid = indrelid and attnum = any(indkey)
      where indisprimary and relnamespace = 'public'::regnamespace group by relname
    `.execute(house.db);
    const primary = new Map(rows.map(({ name, key }) => [name, key]));
    const tables = createProjections().flatMap((projection) => projection.tables);
    const declared = tables.filter(({ name }) => name !== 'order_event').map(({ name, key }) => [name, key]);
    expect(declared).toEqual(declared.map(([name]) => [name, primary.get(String(name))]));
  });

  it('lets those read them who might read the tables before', async () => {
    await sql`create role analyst`.execute(house.db);
    await sql`grant select on program, ticket to analyst`.execute(house.db);
    await house.rebuildable('programs').rebuild(strictly());
    await house.rebuildable('tickets').rebuild(strictly());
    const { rows } = await sql<{ may: boolean }>`
      select has_table_privilege('analyst', name, 'select') as may
      from unnest(array['program', 'ticket', 'ticket_category']) as name
    `.execute(house.db);
    expect(rows.map(({ may }) => may)).toEqual([true, true, false]);
  });

  it('vouches for every event of the log', async () => {
    const log = await wholeLog();
    for (const { name, handles } of createProjections()) {
      const { certificate } = await house.rebuildable(name).rebuild(strictly());
      expect(() => certificateSchema.parse(certificate)).not.toThrow();
      const wanted = new Set<string>(handles);
      const applied = log.filter(
        ({ type, stream }) => wanted.has(type) && streamPrefixes.some((prefix) => stream.startsWith(prefix)),
      );
      expect(certificate.events.applied).toEqual(countsOf(applied));
      expect(certificate.events.ignored).toEqual(countsOf(log.filter((one) => !applied.includes(one))));
      const live = await buildOf(name);
      const reached = log.filter(({ position }) => position <= BigInt(live?.position ?? 0));
      expect(certificate).toMatchObject({
        ...{ projection: name, store: 'sql', work: 'rebuild', version: 1, skips: [], differences: 0 },
        ...{ from: String(log[0]?.position), to: String(reached.at(-1)?.position) },
        events: { skipped: {} },
        continuity: { resumedAfter: [] },
      });
      const isOfServer = (stream: string) => stream.startsWith('$');
      const streams = new Set(log.map(({ stream }) => stream).filter((stream) => !isOfServer(stream)));
      expect(certificate.continuity.streams).toBe(streams.size);
    }
  });

  it('says the same digest for the same rows, in whatever order they were written', async () => {
    const one = await house.rebuildable('orders').verify(quietly());
    await sql`update order_ set status = status`.execute(house.db);
    await sql`vacuum full order_`.execute(house.db);
    const { certificate } = await house.rebuildable('orders').verify(quietly());
    expect(certificate.digest).toBe(one.certificate.digest);
    expect(certificate.parts.map(({ place }) => place)).toEqual(['sale', 'order_', 'order_line']);
    const other = await house.rebuildable('tickets').verify(quietly());
    expect(other.certificate.digest).not.toBe(one.certificate.digest);
  });
});

function countsOf(events: readonly { readonly type: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
