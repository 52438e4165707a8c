/** The built program from outside: what it prints, how it exits, and what it leaves behind. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isRunning } from '../src/embedded/process-identity.ts';
import { companions, runSeatlog, startEngine, stopEngine, temporaryFolder } from './support/engine.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  // Open to other users, unlike the folders of the other suites: under root the two are different paths.
  await chmod(folder.path, 0o755);
});

afterAll(() => folder.remove());

test('the engine starts, reports its three stores as up, and SIGTERM ends it with 0 and without a trace', async () => {
  const engine = startEngine(folder.path);
  const urls = await engine.ready();

  const response = await fetch(urls['Health'] ?? '');
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    status: 'ready',
    stores: { eventstore: { state: 'up' }, postgres: { state: 'up' }, redis: { state: 'up' } },
  });
  expect((await fetch(urls['API'] ?? '', { headers: { accept: 'text/html' } })).status).toBe(200);

  const running = companions(folder.path);
  expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
  expect(Object.values(running).filter(isRunning)).toEqual([]);
  expect(existsSync(join(folder.path, 'engine.lock'))).toBe(false);
});

test('an engine whose stores all have URLs runs beside another and needs no data folder', async () => {
  const owner = startEngine(folder.path, { SEATLOG_EMBEDDED_POSTGRES_PORT: '0' });
  const urls = await owner.ready();
  const unused = join(folder.path, 'unused');
  const key = Buffer.alloc(32, 1).toString('base64');
  const guest = startEngine(unused, {
    SEATLOG_MASTER_KEYS: `1:${key}`,
    SEATLOG_ID_DOCUMENT_KEY: key,
    SEATLOG_TOKEN_KEY: key,
    SEATLOG_CALLBACK_KEY: key,
    SEATLOG_TICKET_KEY: key,
    // A wrong password is enough: the engine starts all the same and says which store it cannot use.
    SEATLOG_POSTGRES_URL: (urls['PostgreSQL'] ?? '').replace('***', 'wrong-password'),
    SEATLOG_REDIS_URL: urls['Redis'] ?? '',
    SEATLOG_EVENTSTORE_URL: urls['Event store'] ?? '',
  });
  try {
    const response = await fetch((await guest.ready())['Health'] ?? '');
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      stores: { eventstore: { state: 'up' }, postgres: { state: 'down' }, redis: { state: 'up' } },
    });
    expect(existsSync(unused)).toBe(false);
    expect(guest.output()).not.toContain('wrong-password');
  } finally {
    expect((await stopEngine(guest)).code).toBe(0);
    expect((await stopEngine(owner)).code).toBe(0);
  }
});

test('a signal during the start ends everything that was already started', async () => {
  const engine = startEngine(join(folder.path, 'interrupted'));
  await once(engine.process.stderr ?? engine.process, 'data');
  expect(await stopEngine(engine)).toEqual({ code: 0, signal: null });
  expect(existsSync(join(folder.path, 'interrupted', 'engine.lock'))).toBe(false);
});

test('a taken HTTP port ends the start at once with a sentence that names the setting', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const engine = startEngine(folder.path, { SEATLOG_HTTP_PORT: String(port) });
  expect((await engine.exited).code).toBe(1);
  expect(engine.output()).toMatch(new RegExp(`^Port ${port} is in use .*SEATLOG_HTTP_PORT`, 'm'));
  other.close();
});

test('a wrong environment exits with 2 and lists every wrong setting in one message', async () => {
  const engine = runSeatlog(['start'], {
    SEATLOG_HTTP_PORT: 'eighty',
    SEATLOG_REDIS_URL: 'localhost:6379',
    SEATLOG_HTPP_HOST: '127.0.0.1',
  });
  expect((await engine.exited).code).toBe(2);
  for (const name of ['SEATLOG_HTTP_PORT', 'SEATLOG_REDIS_URL', 'SEATLOG_HTPP_HOST']) {
    expect(engine.output()).toContain(`  - ${name} `);
  }
});

test('an engine without embedded stores does not take pretended money unless it is told to', async () => {
  const engine = runSeatlog(['start'], {
    SEATLOG_HTTP_PORT: '0',
    SEATLOG_POSTGRES_URL: 'postgres://127.0.0.1:1/seatlog',
    SEATLOG_REDIS_URL: 'redis://127.0.0.1:1',
    SEATLOG_EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
  });
  expect((await engine.exited).code).toBe(2);
  expect(engine.output()).toContain('SEATLOG_PAYMENT_PROVIDER must be set');
});

test('an unknown command exits with 2 and names it', async () => {
  const engine = runSeatlog(['stat']);
  expect((await engine.exited).code).toBe(2);
  expect(engine.output()).toContain("unknown command 'stat'");
});

test('the settings in force are shown with their passwords masked', async () => {
  const engine = runSeatlog(['config'], { SEATLOG_POSTGRES_URL: 'postgres://me:s3cret@db/seatlog' });
  expect((await engine.exited).code).toBe(0);
  expect(engine.output()).toContain('SEATLOG_POSTGRES_URL=postgres://me:***@db/seatlog');
});
