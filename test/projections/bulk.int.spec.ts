/** Whatever text and numbers rows hold is in PostgreSQL as it was, except for what its text cannot hold. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { writeRows } from '../../src/projections/bulk.ts';
import type { BulkTable } from '../../src/projections/bulk-table.ts';
import { printedRandom } from '../support/random.ts';
import { useDatabase } from './read-models.ts';

type Row = { id: number; large: string; text: string | null; is: boolean | null };

const table: BulkTable<Row> = {
  name: 'written',
  key: ['id'],
  columns: { id: 'integer', large: 'bigint', text: 'text', is: 'boolean' },
};
const database = useDatabase();
const { seed } = printedRandom();

beforeAll(async () => {
  await sql`create table written (id integer primary key, large bigint, text text, "is" boolean)`.execute(
    database.db,
  );
});
beforeEach(() => sql`truncate written`.execute(database.db));

const held = async (): Promise<readonly Row[]> =>
  (await sql<Row>`select * from written order by id`.execute(database.db)).rows;
const row = (id: number, text: string | null): Row => ({ id, large: '9223372036854775807', text, is: null });

it('any rows are written as they are, and written over by their key', async () => {
  const texts = fc.array(
    fc.record({
      text: fc.option(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''))),
      large: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
      is: fc.option(fc.boolean()),
    }),
  );
  const writing = fc.asyncProperty(texts, async (contents) => {
    const rows = contents.map((content, id) => ({ id, ...content }));
    await sql`truncate written`.execute(database.db);
    await writeRows(
      database.db,
      table,
      rows.map(({ id }) => row(id, 'before')),
    );
    await writeRows(database.db, table, rows);
    expect(await held()).toEqual(rows);
  });
  await fc.assert(writing, { seed, numRuns: 50 });
});

it.each([['NULL'], [''], ['{a,b}'], ['"'], ['\\'], ['\\"'], [' , '], ['Žižkov 🎟'], ["'; --"]])(
  'text that looks like a part of an array stays text: %s',
  async (text) => {
    await writeRows(database.db, table, [row(1, text), row(2, null)]);
    expect((await held()).map((one) => one.text)).toEqual([text, null]);
  },
);

it('what PostgreSQL cannot hold as text is replaced', async () => {
  await writeRows(database.db, table, [row(1, 'a\0b'), row(2, 'half \ud83c"')]);
  expect((await held()).map((one) => one.text)).toEqual(['a\ufffdb', 'half \ufffd"']);
});

it('rows of a table without a key are added', async () => {
  await sql`create table added (id integer)`.execute(database.db);
  const added: BulkTable<{ id: number }> = { name: 'added', columns: { id: 'integer' } };
  await writeRows(database.db, added, [{ id: 1 }]);
  await writeRows(database.db, added, [{ id: 1 }, { id: 2 }]);
  await writeRows(database.db, added, []);
  const { rows } = await sql<{ id: number }>`select id from added order by id`.execute(database.db);
  expect(rows.map(({ id }) => id)).toEqual([1, 1, 2]);
});
