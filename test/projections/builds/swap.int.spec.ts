/** A swap under traffic: readers see one build whole, the runner goes on, and nobody fails. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderNumberSchema, userIdSchema } from '../../../src/domain/shared/ids.ts';
import { openPostgres, type Postgres } from '../../../src/postgres/pool.ts';
import { RebuildError } from '../../../src/rebuild/rebuildable.ts';
import { programId } from '../../domain/program/fixtures.ts';
import { printedRandom } from '../../support/random.ts';
import { until } from '../../support/until.ts';
import { flashSale } from '../flash-sale.ts';
import { contents } from '../read-models.ts';
import { chapter } from './history.ts';
import { quietly, strictly, useHouse } from './house.ts';
import { type Asked, type Marked, markedProjections, marksSeen } from './tagged.ts';

const SWAPS = 5;
const READERS = 4;
/** On a machine that does much else. */
const LONG_MS = 180_000;

const house = useHouse();
const random = printedRandom();
let readers: Postgres;
let asked: Asked;

beforeAll(async () => {
  await house.append(chapter(random.seed, 0));
  await house.fill();
  readers = openPostgres({ url: house.postgresUrl, max: READERS, onError: () => undefined });
  const [order, stray] = await Promise.all([
    sql<{ buyer: string }>`
      select buyer from order_ join order_line using (gene, order_number)
      where length(buyer) = 36 group by buyer order by count(*) desc limit 1
    `.execute(house.db),
    sql<{ order_number: string; buyer: string }>`
      select order_number, buyer from payment join stray_charge using (gene, payment_number) limit 1
    `.execute(house.db),
  ]);
  asked = {
    ofBuyer: userIdSchema.parse(order.rows[0]?.buyer),
    ofOrder: {
      order: orderNumberSchema.parse(stray.rows[0]?.order_number),
      buyer: userIdSchema.parse(stray.rows[0]?.buyer),
    },
    ofProgram:
      (await sql<{ program_id: typeof programId }>`select program_id from program`.execute(house.db)).rows[0]
        ?.program_id ?? programId,
  };
});
afterAll(() => readers?.close());

const swapIn = (name: string, mark: string) =>
  house.rebuildable(name, {}, () => markedProjections(mark)).rebuild(quietly());

describe.each<Marked>(['orders', 'payments', 'programs'])('whoever reads %s', (name) => {
  it('sees one build whole in every answer, and none fails, over many swaps', async () => {
    await swapIn(name, 'first');
    let isOver = false;
    const seen = new Set<string>();
    let answers = 0;
    const read = async (): Promise<void> => {
      while (!isOver) {
        const marks = await marksSeen(readers.db, name, asked);
        expect(marks.length).toBeGreaterThan(1);
        expect(new Set(marks).size).toBe(1);
        answers += 1;
        seen.add(marks[0] ?? '');
      }
    };
    const reading = Promise.all(Array.from({ length: READERS }, read));
    try {
      for (let swap = 1; swap <= SWAPS; swap += 1) {
        const { swapMs } = await swapIn(name, `swap-${swap}`);
        expect(swapMs).toBeLessThan(1_000);
      }
    } finally {
      isOver = true;
      await reading;
    }
    expect(answers).toBeGreaterThan(100);
    expect(seen.size).toBeGreaterThan(SWAPS);
    await house.rebuildable(name).rebuild(quietly());
  });
});

describe('a swap', () => {
  it('would be seen by whoever asks for an order and its tickets one after the other', async () => {
    await swapIn('orders', 'before');
    const heads = await sql<{ mark: string }>`select currency as mark from order_ limit 1`.execute(
      readers.db,
    );
    await swapIn('orders', 'behind');
    const lines = await sql<{ mark: string }>`select ticket_user as mark from order_line limit 1`.execute(
      readers.db,
    );
    expect([heads.rows[0]?.mark, lines.rows[0]?.mark]).toEqual(['before', 'behind']);
    await house.rebuildable('orders').rebuild(quietly());
  });

  it('gives way to a reader who holds on to one table and asks for another', async () => {
    let swapped: Promise<unknown> = Promise.resolve();
    await readers.db.transaction().execute(async (transaction) => {
      await sql`select from order_line limit 1`.execute(transaction);
      swapped = house.rebuildable('orders').rebuild(strictly());
      await until('the swap waits', async () => {
        const { rows } = await sql`
          select from pg_locks where mode = 'AccessExclusiveLock' and not granted
            and database = (select oid from pg_database where datname = current_database())
        `.execute(house.db);
        return rows.length > 0;
      });
      await sql`select from order_ limit 1`.execute(transaction);
      await sql`select from sale limit 1`.execute(transaction);
    });
    await expect(swapped).resolves.toMatchObject({ outcome: 'swapped' });
  });

  it('gives up on a reader who holds on for too long, and leaves everything as it is', async () => {
    const before = await contents(house.db);
    await readers.db.transaction().execute(async (transaction) => {
      await sql`select from order_line limit 1`.execute(transaction);
      const rebuilt = house.rebuildable('orders', { maxSwapWaitMs: 300 }).rebuild(strictly());
      await expect(rebuilt).rejects.toMatchObject({ code: 'swap_timed_out' });
      await expect(rebuilt).rejects.toBeInstanceOf(RebuildError);
    });
    expect(await contents(house.db)).toEqual(before);
    const { certificate } = await house.rebuildable('orders').rebuild(strictly());
    expect(certificate.continuity.resumedAfter).toHaveLength(1);
  });

  it(
    'loses nothing of what is written meanwhile, and the runner goes on',
    async () => {
      const runner = await house.run();
      let isOver = false;
      let chapters = 1;
      const write = async (): Promise<void> => {
        for (; !isOver; chapters += 1) await house.append(chapter(random.seed, chapters, 20));
      };
      const writing = write();
      try {
        for (let turn = 1; turn <= 2; turn += 1) {
          for (const rebuildable of house.rebuildables()) {
            expect((await rebuildable.rebuild(strictly())).outcome).toBe('swapped');
          }
        }
      } finally {
        isOver = true;
        await writing;
      }
      await house.append(flashSale(5, { program: 'the-last-one' }));
      const lastShown = async () => {
        const { rows } = await sql`select from order_ where program_id = 'the-last-one'`.execute(house.db);
        return rows.length === 5;
      };
      await until('the last orders are shown', lastShown);
      const states = await runner.states();
      expect(states.filter(({ state }) => state !== 'running')).toEqual([]);
      await until('all stand at one place', async () => {
        const positions = (await runner.states()).map(({ position }) => position);
        return new Set(positions).size === 1;
      });
      await runner.stop();
      for (const rebuildable of house.rebuildables()) {
        const { differences } = await rebuildable.verify(quietly());
        expect([rebuildable.name, differences]).toEqual([rebuildable.name, { count: 0, first: [] }]);
      }
    },
    LONG_MS,
  );

  it('may put the read model ahead of its runner, which then goes on from there', async () => {
    await house.append(chapter(random.seed, 1_000, 20));
    for (const rebuildable of house.rebuildables()) await rebuildable.rebuild(strictly());
    const shown = await contents(house.db);
    await house.fill();
    expect(await contents(house.db)).toEqual(shown);
  });
});
