/** What somebody has done to a read model by hand is found, named, and mended. */
import { type RawBuilder, sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProjections } from '../../../src/projections/registry.ts';
import type { Difference, Differences } from '../../../src/rebuild/rebuildable.ts';
import { printedRandom } from '../../support/random.ts';
import { contents } from '../read-models.ts';
import { chapter } from './history.ts';
import { quietly, useHouse } from './house.ts';

const house = useHouse();
const random = printedRandom();
let intact: Awaited<ReturnType<typeof contents>>;

beforeAll(async () => {
  for (const number of [1, 2, 3]) await house.append(chapter(random.seed, number, 20));
  await house.fill();
  intact = await contents(house.db);
});

const exec = (statement: RawBuilder<unknown>) => statement.execute(house.db);

/** By table: what to change in a row, and what makes another row of it. */
const HARM: Readonly<Record<string, readonly [change: RawBuilder<unknown>, another: object]>> = {
  program: [sql`venue_en = 'elsewhere'`, { program_id: 'ghost' }],
  ticket_category: [sql`capacity = capacity + 1`, { category_id: 'ghost' }],
  sale: [sql`currency = 'XXX'`, { program_id: 'ghost' }],
  order_: [sql`amount_minor = 1`, { order_number: '8' }],
  order_line: [sql`refunded = not refunded`, { line: 99 }],
  category_stock: [sql`sold = sold + 1`, { category: 99 }],
  sales_minute: [sql`revenue_minor = revenue_minor + 1`, { minute_ms: '60000' }],
  deadline: [sql`due_at_ms = due_at_ms + 1`, { subject: 'ghost' }],
  payment: [sql`status = 'odd'`, { payment_number: '8' }],
  stray_charge: [sql`refunded_minor = 1`, { provider_reference: 'ghost' }],
  refund: [sql`attempt = 100`, { refund_id: 'ghost' }],
  ticket_hall: [sql`currency = 'XXX'`, { program_id: 'ghost' }],
  order_tickets: [sql`issued_at_ms = 7`, { order_number: '8' }],
  order_event: [sql`revision = revision + 1`, { position: '7' }],
};

/** Rows are chosen by their place in the order of the key. */
async function harm(table: string, key: readonly string[]): Promise<void> {
  const [change, another] = HARM[table] ?? [];
  if (change === undefined || another === undefined) throw new Error(`How is ${table} harmed?`);
  const order = sql.join(key.map((name) => sql.ref(name)));
  const row = (nth: number) => sql`(tableoid, ctid) = (
    select tableoid, ctid from ${sql.table(table)} order by ${order} offset ${nth} limit 1)`;
  const last = (intact[table]?.length ?? 0) - 1;
  await exec(sql`delete from ${sql.table(table)} where ${row(last)}`);
  await exec(sql`update ${sql.table(table)} set ${change} where ${row(Math.floor(last / 2))}`);
  await exec(sql`
    insert into ${sql.table(table)}
    select (jsonb_populate_record(held_, ${JSON.stringify(another)}::jsonb)).*
    from ${sql.table(table)} held_ where ${row(0)}
  `);
}

describe.each(createProjections().map(({ name, tables }) => ({ name, tables })))(
  'in the tables of $name',
  ({ name, tables }) => {
    it('a row that was changed, one that is missing and one too many are found, traced and mended', async () => {
      for (const table of tables) await harm(table.name, table.key);
      const { differences } = await house.rebuildable(name).verify(quietly());
      expect(differences.count).toBe(3 * tables.length);
      for (const table of tables) {
        const found = differences.first.filter(({ place }) => place === table.name);
        expect(found.map(kindOf).sort()).toEqual(['changed', 'missing', 'surplus']);
        const keys = new RegExp(`^${table.key.map((column) => `${column}=\\S+`).join(' ')}$`);
        for (const one of found) {
          expect(one.key).toMatch(keys);
          if (one.expected === null) continue;
          expect(one.positions.length).toBeGreaterThan(0);
          expect(one.positions.length).toBeLessThanOrEqual(20);
        }
      }
      let asked: Differences | undefined;
      const accept = async (seen: Differences) => {
        asked = seen;
        return true;
      };
      const result = await house.rebuildable(name).rebuild(quietly({ accept }));
      expect(asked).toEqual(differences);
      expect(result).toMatchObject({ outcome: 'swapped', differences });
      expect(await contents(house.db)).toEqual(intact);
    });
  },
);

const kindOf = ({ live, expected }: Difference): string =>
  live === null ? 'missing' : expected === null ? 'surplus' : 'changed';

describe('what differs', () => {
  it('is traced to exactly the events that made it', async () => {
    const [order] = (
      await sql<{ order_number: string }>`
      update order_ set buyer = 'nobody' where order_number = (select max(order_number) from order_)
      returning order_number
    `.execute(house.db)
    ).rows;
    const { differences } = await house.rebuildable('orders').verify(quietly());
    expect(differences.first.map(({ key }) => key)).toEqual([
      expect.stringContaining(`=${order?.order_number}`),
    ]);
    const { rows } = await sql<{ position: string }>`
      select position from order_event where order_number = ${order?.order_number} and type < 30 order by position
    `.execute(house.db);
    expect(differences.first[0]?.positions.map(String)).toEqual(rows.map(({ position }) => position));
    expect(differences.first[0]?.live).toMatchObject({ buyer: 'nobody', order_number: order?.order_number });
    await house.rebuildable('orders').rebuild(quietly());
  });

  it('is found where a row without a key of its own is there twice', async () => {
    await exec(sql`insert into order_event select * from order_event limit 1`);
    const { differences } = await house.rebuildable('order_events').verify(quietly());
    expect(differences.count).toBe(1);
    expect(differences.first[0]).toMatchObject({ place: 'order_event', expected: null });
    expect(differences.first[0]?.positions).toHaveLength(1);
    await house.rebuildable('order_events').rebuild(quietly());
    expect((await contents(house.db))['order_event']).toEqual(intact['order_event']);
  });

  it('is counted as a whole, and told for the first hundred', async () => {
    await exec(sql`update order_line set price_minor = price_minor + 1`);
    await exec(sql`update order_ set currency = 'XXX'`);
    const { differences, certificate } = await house.rebuildable('orders').verify(quietly());
    const rows = (intact['order_']?.length ?? 0) + (intact['order_line']?.length ?? 0);
    expect(differences.count).toBe(rows);
    expect(certificate.differences).toBe(rows);
    expect(differences.first).toHaveLength(100);
    await house.rebuildable('orders').rebuild(quietly());
  });

  it('stays as it is where somebody says no', async () => {
    await exec(sql`update program set venue_en = 'elsewhere'`);
    const result = await house.rebuildable('programs').rebuild(quietly({ accept: async () => false }));
    expect(result).toMatchObject({ outcome: 'declined', swapMs: 0 });
    expect((await contents(house.db))['program']).not.toEqual(intact['program']);
    await house.rebuildable('programs').rebuild(quietly());
    expect((await contents(house.db))['program']).toEqual(intact['program']);
  });

  it('is shown again by the next rebuild, which goes on with what was built and catches up', async () => {
    await exec(sql`update program set venue_en = 'elsewhere'`);
    const before = await house.schemas();
    const programs = house.rebuildable('programs');
    const declined = await programs.rebuild(quietly({ accept: async () => false }));
    expect(await house.schemas()).toHaveLength(before.length + 1);
    const again = await programs.rebuild(quietly({ accept: async () => false }));
    expect(again.differences).toEqual(declined.differences);
    expect(again.certificate.continuity.resumedAfter).toEqual([declined.certificate.to]);
    expect(await programs.discard()).toBe(true);
    expect(await house.schemas()).toEqual(before);
    expect(await programs.discard()).toBe(false);
    const { certificate } = await programs.rebuild(quietly());
    expect(certificate.continuity.resumedAfter).toEqual([]);
    expect((await contents(house.db))['program']).toEqual(intact['program']);
  });

  it('is nothing where everything is in order, and a check leaves nothing behind', async () => {
    const before = await house.schemas();
    for (const rebuildable of house.rebuildables()) {
      expect((await rebuildable.verify(quietly())).differences).toEqual({ count: 0, first: [] });
    }
    expect(await house.schemas()).toEqual(before);
  });
});
