/** What the embedded stores promise: one owner, no orphan, no lost data, and clear words when they cannot start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  allGone,
  companions,
  type Engine,
  type Environment,
  startEngine,
  stopEngine,
  temporaryFolder,
} from '../support/engine.ts';
import { until } from '../support/until.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let dataDir: string;
let engine: Engine | undefined;

beforeAll(async () => {
  folder = await temporaryFolder();
  // The default folder's name, and one level down: the engine has to create it.
  dataDir = join(folder.path, 'home', '.data');
});

afterEach(async () => {
  const running = engine;
  engine = undefined;
  // An engine that a test has not ended itself has to end in good order after whatever the test did to it.
  if (running?.process.exitCode === null && running.process.signalCode === null) {
    expect((await stopEngine(running)).code, running.output()).toBe(0);
  }
});

afterAll(() => folder.remove());

function start(settings: Environment = {}, args: readonly string[] = []): Engine {
  engine = startEngine(dataDir, settings, args);
  return engine;
}

function postgresUrl(shown: string | undefined): string {
  const password = readFileSync(join(dataDir, 'postgres-password'), 'utf8');
  return (shown ?? '').replace('***', password);
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function withRedis<T>(url: string | undefined, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url ?? '');
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

async function eventTypes(url: string | undefined, append: boolean): Promise<string[]> {
  const client = EventStoreDBClient.connectionString(url ?? '');
  try {
    if (append) await client.appendToStream('Kept-1', jsonEvent({ type: 'Kept', data: { kept: true } }));
    const types: string[] = [];
    for await (const { event } of client.readStream('Kept-1')) types.push(event?.type ?? '');
    return types;
  } finally {
    await client.dispose();
  }
}

async function refuses(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const [outcome] = await Promise.race([
    once(server, 'listening').then(() => ['free']),
    once(server, 'error'),
  ]);
  server.close();
  return outcome !== 'free';
}

const portOf = (url: string | undefined): number => Number(/:(\d+)(?:[/?].*)?$/.exec(url ?? '')?.[1]);

test('killing the engine with -9 leaves no process, no port in use, and all data for the next start', async () => {
  const first = start();
  const urls = await first.ready();
  await query(postgresUrl(urls['PostgreSQL']), 'CREATE TABLE kept AS SELECT 42 AS answer');
  await withRedis(urls['Redis'], (redis) => redis.set('kept', 'yes'));
  expect(await eventTypes(urls['Event store'], true)).toEqual(['Kept']);
  const running = companions(dataDir);
  expect(Object.keys(running).sort()).toEqual(['devstore', 'guard', 'postgres', 'redis']);

  first.process.kill('SIGKILL');
  await first.exited;
  // The second engine starts while the first one's stores are still ending, as an impatient supervisor would.
  const second = start();
  const newUrls = await second.ready();

  await allGone(running);
  for (const name of ['PostgreSQL', 'Redis', 'Event store']) {
    if (portOf(urls[name]) !== portOf(newUrls[name])) expect(await refuses(portOf(urls[name]))).toBe(false);
  }
  expect(await query(postgresUrl(newUrls['PostgreSQL']), 'SELECT answer FROM kept')).toEqual([
    { answer: 42 },
  ]);
  expect(await withRedis(newUrls['Redis'], (redis) => redis.get('kept'))).toBe('yes');
  expect(await eventTypes(newUrls['Event store'], false)).toEqual(['Kept']);
});

test('a second engine on the same data folder is refused, and cannot empty it either', async () => {
  const first = start();
  await first.ready();

  for (const args of [[], ['--fresh']]) {
    const second = startEngine(dataDir, {}, args);
    expect((await second.exited).code).toBe(1);
    expect(second.output()).toContain(
      `Another engine (process ${first.process.pid}) is using the data folder`,
    );
  }
  expect(existsSync(join(dataDir, 'postgres', 'PG_VERSION'))).toBe(true);
});

test('pid and lock files that a crash left behind do not hinder a start', async () => {
  const cluster = statSync(join(dataDir, 'postgres'));
  const owner = process.getuid?.() === 0 ? { uid: cluster.uid, gid: cluster.gid } : {};
  // Its id is what the crashed server's id would be after reuse: a living process of the same user.
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...owner });
  try {
    await once(stranger, 'spawn');
    writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${stranger.pid}\n${dataDir}/postgres\n`);
    writeFileSync(join(dataDir, 'engine.lock'), '{"engine":{"pid":');

    expect(await start().ready()).toHaveProperty('PostgreSQL');
    expect(stranger.exitCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a store that is killed is started again on the same port', async () => {
  const running = start();
  const urls = await running.ready();
  const before = companions(dataDir)['redis'];

  process.kill(before?.pid ?? 0, 'SIGKILL');

  await until('another Redis runs', () => companions(dataDir)['redis']?.pid !== before?.pid);
  await until('the engine is ready again', async () => (await fetch(urls['Health'] ?? '')).status === 200);
  expect(await withRedis(urls['Redis'], (redis) => redis.ping())).toBe('PONG');
});

test('when the guard itself is killed, the engine ends its stores and exits with 1', async () => {
  const running = start();
  await running.ready();
  const { guard, ...servers } = companions(dataDir);

  process.kill(guard?.pid ?? 0, 'SIGKILL');

  expect((await running.exited).code).toBe(1);
  expect(running.output()).toContain('The guard of the embedded stores was killed.');
  await allGone(servers);
});

test('a port that somebody else uses is named together with its setting, and nothing stays behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const refused = startEngine(dataDir, { SEATLOG_EMBEDDED_REDIS_PORT: String(port) });
    expect((await refused.exited).code).toBe(1);
    expect(refused.output()).toMatch(
      new RegExp(`^Port ${port} is in use by another program: .*SEATLOG_EMBEDDED_REDIS_PORT`, 'm'),
    );
    expect(existsSync(join(dataDir, 'engine.lock'))).toBe(false);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  } finally {
    other.close();
  }
});

test('a missing redis-server ends with one sentence that says what to do', async () => {
  const refused = startEngine(dataDir, { SEATLOG_REDIS_SERVER_PROGRAM: 'no-such-redis' });
  expect((await refused.exited).code).toBe(1);
  expect(refused.output()).toMatch(/^no-such-redis is not installed: install Redis .*SEATLOG_REDIS_URL/m);
});

test('--fresh starts with empty stores', async () => {
  const urls = await start({}, ['--fresh']).ready();
  await expect(query(postgresUrl(urls['PostgreSQL']), 'SELECT FROM kept')).rejects.toThrow('does not exist');
  expect(await withRedis(urls['Redis'], (redis) => redis.get('kept'))).toBeNull();
  await expect(eventTypes(urls['Event store'], false)).rejects.toThrow();
});
