/** One owner at a time, on a real database: killed holders, frozen holders, a database that goes away. */
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createWorkLeases, type HeldWork, type WorkLeases } from '../../src/postgres/work-leases.ts';
import { startChild } from '../support/child.ts';
import {
  companions,
  type Engine,
  postgresUrlOf,
  startEngine,
  stopEngine,
  temporaryFolder,
} from '../support/engine.ts';

import { until } from '../support/until.ts';

const TTL_MS = 1_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: Engine;
let url: string;
let postgres: Postgres;

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = startEngine(join(folder.path, 'data'), {}, [], 'stores');
  url = postgresUrlOf(join(folder.path, 'data'), await engine.ready());
  postgres = openPostgres({ url, max: 5, onError: () => undefined });
  await migrate(postgres.db);
});
beforeEach(() => sql`delete from work_lease`.execute(postgres.db));
afterAll(async () => {
  await postgres?.close();
  await stopEngine(engine);
  await folder?.remove();
});

function leasesOf(holder: string): WorkLeases {
  const leases = createWorkLeases(postgres.db, holder, { ttlMs: TTL_MS, pollMs: 50 });
  onTestFinished(() => leases.stop());
  return leases;
}

/** Work that writes down what becomes of it. */
function noted(log: string[], who: string) {
  return {
    start: async (lost: AbortSignal) => {
      log.push(`${who} started`);
      lost.addEventListener('abort', () => log.push(`${who} lost`));
      return { stop: async () => void log.push(`${who} stopped`) };
    },
  };
}

const heldBy = (work: HeldWork): string[] =>
  work.state().flatMap(({ name, status }) => (status === 'held' ? [name] : []));

const untilHeld = (work: HeldWork, count: number) =>
  until(`${count} are held`, () => heldBy(work).length === count);

describe('a work lease', () => {
  it('lets one of two work, and the other one as soon as the first stops', async () => {
    const log: string[] = [];
    const first = leasesOf('a').holdWhile('expiry', noted(log, 'a'));
    await untilHeld(first, 1);
    const second = leasesOf('b').holdWhile('expiry', noted(log, 'b'));
    await until('b knows who holds it', () => second.state()[0]?.holder === 'a');
    expect(log).toEqual(['a started']);
    const stoppedAtMs = performance.now();
    await first.stop();
    await untilHeld(second, 1);
    expect(performance.now() - stoppedAtMs).toBeLessThan(TTL_MS);
    expect(log).toEqual(['a started', 'a stopped', 'b started']);
    await second.stop();
  });

  it('is kept for longer than it was granted', async () => {
    const log: string[] = [];
    const first = leasesOf('a').holdWhile('expiry', noted(log, 'a'));
    await untilHeld(first, 1);
    const second = leasesOf('b').holdWhile('expiry', noted(log, 'b'));
    const renewedUntil = async () => (await rowOf('expiry')).leftMs;
    const startedAtMs = performance.now();
    await until('it was renewed over twice its time', async () => {
      expect(await renewedUntil()).toBeGreaterThan(0);
      return performance.now() - startedAtMs > 2 * TTL_MS;
    });
    expect(log).toEqual(['a started']);
    expect(heldBy(second)).toEqual([]);
  });

  it('goes to another one when its work does not start', async () => {
    const log: string[] = [];
    const first = leasesOf('a').holdWhile('expiry', { start: () => Promise.reject(new Error('no luck')) });
    await until('it has failed', () => first.state()[0]?.lastError === 'no luck');
    const second = leasesOf('b').holdWhile('expiry', noted(log, 'b'));
    await untilHeld(second, 1);
    expect(log).toEqual(['b started']);
  });

  it('is taken over from a killed holder', async () => {
    const killed = startChild('lease-process', [url, 'killed', String(TTL_MS), 'expiry']);
    await until('the process works', () => killed.lines.includes('started expiry'));
    const log: string[] = [];
    const next = leasesOf('next').holdWhile('expiry', noted(log, 'next'));
    await until('the next one waits', () => next.state()[0]?.holder === 'killed');
    await killed.end('SIGKILL');
    await untilHeld(next, 1);
    expect(log).toEqual(['next started']);
  });

  it('is lost by a frozen holder, who stops when it wakes up and gets it again later', async () => {
    const frozen = startChild('lease-process', [url, 'frozen', String(TTL_MS), 'expiry']);
    await until('the process works', () => frozen.lines.includes('started expiry'));
    frozen.signal('SIGSTOP');
    const next = leasesOf('next').holdWhile('expiry', noted([], 'next'));
    await untilHeld(next, 1);
    frozen.signal('SIGCONT');
    await until('it has stopped', () => frozen.lines.includes('stopped expiry'));
    expect(frozen.lines).toEqual(['started expiry', 'lost expiry', 'stopped expiry']);
    expect(heldBy(next)).toEqual(['expiry']);
    await next.stop();
    await until('it works again', () => frozen.lines.length === 4);
    await frozen.end('SIGTERM');
    expect(frozen.lines.slice(3)).toEqual(['started expiry', 'stopped expiry']);
  });

  it('is lost when the database does not answer for longer than it lasts, and taken again later', async () => {
    const log: string[] = [];
    const held = leasesOf('a').holdWhile('expiry', noted(log, 'a'));
    await untilHeld(held, 1);
    const { rows } = await sql<{
      pid: number;
    }>`select pid from pg_stat_activity where pid is not null`.execute(postgres.db);
    const pids = [postmaster(), ...rows.map(({ pid }) => pid)];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    try {
      await until('it is lost', () => log.includes('a stopped'));
      expect(log).toEqual(['a started', 'a lost', 'a stopped']);
      await until('one sees why', () => held.state()[0]?.lastError !== undefined);
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    await until('it is held again', () => log.length === 4);
    expect(log[3]).toBe('a started');
    await until('nothing is wrong any more', () => held.state()[0]?.lastError === undefined);
    expect(held.state()).toMatchObject([{ name: 'expiry', status: 'held', holder: 'a', losses: 1 }]);
  });

  it('is held again after the database was killed and came back', async () => {
    const held = leasesOf('a').holdWhile('expiry', noted([], 'a'));
    await untilHeld(held, 1);
    const killed = postmaster();
    process.kill(killed, 'SIGKILL');
    await until('another one runs', () => postmaster() !== killed);
    const backAtMs = performance.now();
    // What was granted before the kill is over by then.
    await until(
      'it is held for longer',
      () => performance.now() - backAtMs > TTL_MS && heldBy(held).length === 1,
    );
    await until('the database says so', async () => (await rowOf('expiry')).leftMs > 0);
    await until('nothing is wrong any more', () => held.state()[0]?.lastError === undefined);
  });
});

describe('shared work', () => {
  const names = Array.from({ length: 16 }, (_, index) => `lane-${index}`);

  it('is spread over all who want it, each piece at one of them, and goes back when they leave', async () => {
    const atWork = new Map<string, number>();
    const workOf = (name: string) => ({
      start: async () => {
        atWork.set(name, (atWork.get(name) ?? 0) + 1);
        expect(atWork.get(name)).toBe(1);
        return { stop: async () => void atWork.set(name, 0) };
      },
    });
    const join = (holder: string) => leasesOf(holder).holdShare('lanes', names, workOf);
    const a = join('a');
    await untilHeld(a, 16);
    const b = join('b');
    await untilHeld(b, 8);
    expect(heldBy(a)).toHaveLength(8);
    const c = join('c');
    await until('all have a third', () => [a, b, c].every((one) => heldBy(one).length >= 4));
    await until('all is held', () => [a, b, c].flatMap(heldBy).length === 16);
    expect([...[a, b, c].flatMap(heldBy)].sort()).toEqual([...names].sort());
    await a.stop();
    await b.stop();
    await untilHeld(c, 16);
    expect([...atWork.values()].every((count) => count === 1)).toBe(true);
  });
});

async function rowOf(name: string): Promise<{ leftMs: number }> {
  const { rows } = await sql<{ leftMs: number }>`
    select (extract(epoch from until - clock_timestamp()) * 1000)::float8 as "leftMs"
    from work_lease where name = ${name}
  `.execute(postgres.db);
  const [row] = rows;
  if (row === undefined) throw new Error(`Nobody holds ${name}.`);
  return row;
}

function postmaster(): number {
  const { postgres: server } = companions(join(folder.path, 'data'));
  if (server === undefined) throw new Error('The engine runs a PostgreSQL.');
  return server.pid;
}
