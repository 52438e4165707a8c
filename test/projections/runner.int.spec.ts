/** The projection runner on real stores: exactly once, one poison event stops one projection, resume and skip. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createCodec,
  defineEvent,
  type EventOf,
  type EventStore,
  openEventStore,
  streamName,
} from '../../src/eventstore/index.ts';
import { logSource } from '../../src/eventstore/log-source.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { requestResume, resumesOf, type Stopped } from '../../src/projections/checkpoint.ts';
import type { Projection } from '../../src/projections/projection.ts';
import { projectionStates } from '../../src/projections/reports.ts';
import { type ProjectionState, type Runner, startProjections } from '../../src/projections/runner.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const counted = defineEvent({ type: 'Counted', version: 1, schema: z.object({ number: z.number() }) });
const codec = createCodec([counted]);
type Counted = EventOf<typeof counted>;

const stores = useStores();
let store: EventStore;
let postgres: Postgres;

beforeAll(async () => {
  store = openEventStore({ connectionString: stores.eventStoreUrl });
  postgres = openPostgres({ url: stores.postgresUrl, max: 5, onError: () => undefined });
  await migrate(postgres.db);
});

afterAll(async () => {
  await store?.close();
  await postgres?.close();
});

/** Adds up what it sees; refuses `poison` for as long as that is in its table of refusals. */
async function sumProjection(name: string): Promise<Projection<Counted>> {
  const table = sql.table(name);
  await sql`create table ${table} (place bigserial, stream text, number integer)`.execute(postgres.db);
  await sql`create table ${sql.table(`${name}_refused`)} (number integer)`.execute(postgres.db);
  return {
    name,
    version: 1,
    handles: ['Counted'],
    tables: [],
    apply: async (db, events) => {
      for (const { stream, data } of events) {
        const refused =
          await sql`select 1 from ${sql.table(`${name}_refused`)} where number = ${data.number}`.execute(db);
        if (refused.rows.length > 0) throw new Error(`${data.number} is not to my taste`);
        await sql`insert into ${table} (stream, number) values (${stream}, ${data.number})`.execute(db);
      }
    },
  };
}

async function refuse(name: string, number: number): Promise<void> {
  await sql`insert into ${sql.table(`${name}_refused`)} values (${number})`.execute(postgres.db);
}

async function numbersIn(name: string, stream: string): Promise<number[]> {
  const { rows } = await sql<{
    number: number;
  }>`select number from ${sql.table(name)} where stream = ${stream} order by place`.execute(postgres.db);
  return rows.map(({ number }) => number);
}

async function count(stream: string, from: number, to: number): Promise<void> {
  const log = createStreamLog(store, codec);
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const events = numbers.map((number): Counted => ({ type: 'Counted', data: { number } }));
  const cause = { commandId: randomUUID(), correlationId: 'test', actor: 'test' };
  const expected = from === 1 ? 'no_stream' : BigInt(from - 2);
  await log.append(stream, expected, log.encode(stream, events, cause, cause.commandId));
}

const stopped: { name: string; at: Stopped }[] = [];

const run = (
  category: string,
  projections: readonly Projection<Counted>[],
  isUnavailable: (error: unknown) => boolean = () => false,
): Promise<Runner> =>
  startProjections({
    db: postgres.db,
    source: logSource(store, codec, { name: 'projections', streamPrefixes: [`${category}-`] }),
    projections,
    isUnavailable,
    onStopped: (name, at) => stopped.push({ name, at }),
  });

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('the projection runner', () => {
  it('applies every event once, in order, over restarts', async () => {
    const stream = streamName('Restarted', randomUUID());
    const projections = [await sumProjection('restarted_a'), await sumProjection('restarted_b')];
    await count(stream, 1, 200);
    for (const last of [400, 600]) {
      const runner = await run('Restarted', projections);
      await until('something is applied', async () => (await numbersIn('restarted_a', stream)).length > 0);
      await count(stream, last - 199, last);
      await runner.stop();
    }
    const runner = await run('Restarted', projections);
    await until('all is applied', async () => (await numbersIn('restarted_b', stream)).length >= 600);
    await runner.stop();
    expect(await numbersIn('restarted_a', stream)).toEqual(upTo(600));
    expect(await numbersIn('restarted_b', stream)).toEqual(upTo(600));
  });

  it('stops only the projection that cannot apply an event, and names the event', async () => {
    const stream = streamName('Poisoned', randomUUID());
    const projections = [await sumProjection('poisoned_a'), await sumProjection('poisoned_b')];
    await refuse('poisoned_a', 30);
    await count(stream, 1, 50);
    const runner = await run('Poisoned', projections);
    await until('the healthy one has all', async () => (await numbersIn('poisoned_b', stream)).length === 50);
    await until('the other has stopped', () => stopped.some(({ name }) => name === 'poisoned_a'));
    expect(await numbersIn('poisoned_a', stream)).toEqual(upTo(29));
    const [state] = (await runner.states()).filter(({ name }) => name === 'poisoned_a');
    expect(state?.stopped).toMatchObject({
      stream,
      revision: '29',
      type: 'Counted',
      error: '30 is not to my taste',
    });
    await runner.stop();
  });

  it('passes over the poison event, or tries it again, when it is told to', async () => {
    const stream = streamName('Resumed', randomUUID());
    const projections = [await sumProjection('resumed_a'), await sumProjection('resumed_b')];
    await refuse('resumed_a', 10);
    await refuse('resumed_b', 10);
    await count(stream, 1, 20);
    const runner = await run('Resumed', projections);
    const areStopped = async () => (await runner.states()).every((state) => state.stopped !== undefined);
    await until('both have stopped', areStopped);
    expect(await runner.resume('nobody', 'retry')).toBe('unknown');
    expect(await runner.resume('resumed_a', 'skip')).toBe('resumed');
    await sql`delete from resumed_b_refused`.execute(postgres.db);
    expect(await runner.resume('resumed_b', 'retry')).toBe('resumed');
    await until('the first goes on', async () => (await numbersIn('resumed_a', stream)).length === 19);
    await until('the second goes on', async () => (await numbersIn('resumed_b', stream)).length === 20);
    expect(await numbersIn('resumed_a', stream)).toEqual(upTo(20).filter((number) => number !== 10));
    expect(await numbersIn('resumed_b', stream)).toEqual(upTo(20));
    expect(await runner.resume('resumed_a', 'retry')).toBe('not_stopped');
    await runner.stop();
  });

  it('follows a wish of another process, and keeps who had it', async () => {
    const stream = streamName('Wished', randomUUID());
    const projections = [await sumProjection('wished_a')];
    await refuse('wished_a', 400);
    await count(stream, 1, 500);
    const runner = await run('Wished', projections);
    await until('it has stopped', () => stopped.some(({ name }) => name === 'wished_a'));
    const at = stopped.find(({ name }) => name === 'wished_a')?.at.position;
    expect(await requestResume(postgres.db, 'nobody', 'skip')).toBe('unknown');
    expect(await requestResume(postgres.db, 'wished_a', 'skip', 'olga', '7')).toBe('stopped_elsewhere');
    expect(await requestResume(postgres.db, 'wished_a', 'skip', 'olga', at)).toBe('resumed');
    await until('it goes on', async () => (await numbersIn('wished_a', stream)).length === 499);
    await runner.stop();
    expect(await numbersIn('wished_a', stream)).toEqual(upTo(500).filter((number) => number !== 400));
    expect(await requestResume(postgres.db, 'wished_a', 'skip')).toBe('not_stopped');
    const [kept] = await resumesOf(postgres.db, 10);
    expect(kept).toMatchObject({ name: 'wished_a', how: 'skip', askedBy: 'olga' });
    expect(kept?.stopped).toMatchObject({ stream, revision: '399', error: '400 is not to my taste' });
  });

  it('leaves nothing out when another worker is ahead of a projection that goes on', async () => {
    const stream = streamName('Ahead', randomUUID());
    const projections = [await sumProjection('ahead_a'), await sumProjection('ahead_b')];
    await refuse('ahead_a', 10);
    await count(stream, 1, 50);
    const runners = [await run('Ahead', projections), await run('Ahead', projections)];
    await until('it has stopped', () => stopped.some(({ name }) => name === 'ahead_a'));
    await count(stream, 51, 100);
    await until('the other has all', async () => (await numbersIn('ahead_b', stream)).length === 100);
    await sql`delete from ahead_a_refused`.execute(postgres.db);
    expect(await requestResume(postgres.db, 'ahead_a', 'retry')).toBe('resumed');
    await count(stream, 101, 150);
    await until('it has all', async () => (await numbersIn('ahead_a', stream)).length >= 150);
    await Promise.all(runners.map((runner) => runner.stop()));
    expect(await numbersIn('ahead_a', stream)).toEqual(upTo(150));
    expect(await numbersIn('ahead_b', stream)).toEqual(upTo(150));
  });

  it('says how it is, to its own process and to others', async () => {
    const stream = streamName('Shown', randomUUID());
    const projections = [await sumProjection('shown_a'), await sumProjection('shown_b')];
    await refuse('shown_b', 20);
    await count(stream, 1, 20);
    const runner = await run('Shown', projections);
    const stateOf = async (name: string, states: Promise<readonly ProjectionState[]>) =>
      (await states).find((state) => state.name === name);
    await until('it is caught up', async () => (await stateOf('shown_a', runner.states()))?.lagMs === 0);
    const healthy = { state: 'running', version: 1, lagMs: 0, waitingEvents: 0, eventsApplied: 20 };
    expect(await stateOf('shown_a', runner.states())).toMatchObject(healthy);
    const beforeMs = Date.now();
    const poisoned = await stateOf('shown_b', runner.states());
    expect(poisoned).toMatchObject({ state: 'stopped', eventsApplied: 19 });
    expect(poisoned?.lastError?.message).toBe('20 is not to my taste');
    expect(poisoned?.lagMs).toBeGreaterThanOrEqual(beforeMs - (poisoned?.stopped?.recordedAtMs ?? 0));
    await until(
      'others see it',
      async () => (await stateOf('shown_a', projectionStates(postgres.db)))?.lagMs === 0,
    );
    expect(await stateOf('shown_a', projectionStates(postgres.db))).toMatchObject(healthy);
    await runner.stop();
    await sql`update projection_report set reported_at = reported_at - interval '1 minute'`.execute(
      postgres.db,
    );
    const gone = await stateOf('shown_a', projectionStates(postgres.db));
    expect(gone).toMatchObject({ state: 'not_running', lagMs: undefined, eventsPerSecond: 0 });
  });

  it('waits for a database that is away, and says so', async () => {
    const stream = streamName('Away', randomUUID());
    const projection = await sumProjection('away_a');
    const away = new Error('The database is away.');
    let isAway = true;
    const apply: typeof projection.apply = (db, events) =>
      isAway ? Promise.reject(away) : projection.apply(db, events);
    await count(stream, 1, 10);
    const runner = await run('Away', [{ ...projection, apply }], (error) => error === away);
    await until('it says so', async () => (await runner.states())[0]?.state === 'unavailable');
    expect((await runner.states())[0]?.lastError?.message).toMatch('The database is away.');
    expect((await runner.states())[0]?.lagMs ?? 0).toBeGreaterThan(0);
    isAway = false;
    await until('it has all', async () => (await numbersIn('away_a', stream)).length === 10);
    await until('it says so', async () => (await runner.states())[0]?.state === 'running');
    await runner.stop();
    expect(await numbersIn('away_a', stream)).toEqual(upTo(10));
  });

  it('does not apply an event twice when two workers run the same projections', async () => {
    const stream = streamName('Doubled', randomUUID());
    const projections = [await sumProjection('doubled_a')];
    const runners = await Promise.all([run('Doubled', projections), run('Doubled', projections)]);
    for (let last = 100; last <= 1_000; last += 100) await count(stream, last - 99, last);
    await until('all is applied', async () => (await numbersIn('doubled_a', stream)).length >= 1_000);
    await Promise.all(runners.map((runner) => runner.stop()));
    expect(await numbersIn('doubled_a', stream)).toEqual(upTo(1_000));
  });
});
