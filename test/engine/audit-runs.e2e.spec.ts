/** A real engine proves and replays what it has sold, as the command line does, and sells on meanwhile. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mintToken } from '../../src/api/identity.ts';
import { readConfig } from '../../src/config.ts';
import { DEMO_BUYER, DEMO_TICKET_USERS } from '../../src/demo/buyer.ts';
import { auditTrailStream } from '../../src/domain/audit-trail/index.ts';
import { type UserId, userIdSchema } from '../../src/domain/shared/ids.ts';
import { openEventStore } from '../../src/eventstore/index.ts';
import { secretOf } from '../../src/secrets.ts';
import { spawnSeatlog } from '../support/devstore-process.ts';
import { type Engine, startEngine, stopEngine, temporaryFolder } from '../support/engine.ts';
import { eventsIn } from '../support/selling.ts';
import { until } from '../support/until.ts';

const PROGRAM = 'demo-hall';
const OPERATOR = userIdSchema.parse('olga');

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: Engine;
let url: string;
let stores: readonly string[];

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = startEngine(folder.path);
  const shown = await engine.ready();
  url = (shown['API'] ?? '').replace(/\/$/, '');
  stores = ['--data-dir', folder.path, '--eventstore-url', shown['Event store'] ?? ''];
});
afterAll(async () => {
  await stopEngine(engine);
  await folder.remove();
});

const ask = async (user: UserId, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> => {
  const key = secretOf(readConfig({ SEATLOG_DATA_DIR: folder.path }), 'SEATLOG_TOKEN_KEY');
  if (key === undefined) throw new Error('The engine keeps no token key.');
  const scopes = user === OPERATOR ? ['operator'] : [];
  const token = await mintToken(key.bytes, { userId: user, scopes, ttlSeconds: 600, nowMs: Date.now() });
  return fetch(`${url}${path}`, {
    ...{ method, redirect: 'manual' as const },
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
};
const audit = (path: string, body?: unknown) => ask(OPERATOR, 'POST', `/audit/${path}`, body);

const order = async (ticketUser: string | undefined): Promise<string> => {
  const wanted = { programId: PROGRAM, categoryId: 'gallery', ticketUserIds: [ticketUser] };
  const answer = await ask(DEMO_BUYER, 'POST', '/orders/v3', wanted);
  const { orderNumber, ...told } = (await answer.json()) as { readonly orderNumber?: string };
  if (orderNumber === undefined) throw new Error(JSON.stringify(told));
  return orderNumber;
};

const buy = async (ticketUser: string | undefined): Promise<void> => {
  const orderNumber = await order(ticketUser);
  const asked = await ask(DEMO_BUYER, 'POST', `/orders/${orderNumber}/pay`);
  const { payUrl } = (await asked.json()) as { readonly payUrl: string };
  expect((await fetch(`${payUrl}/pay`, { method: 'POST', redirect: 'manual' })).status).toBe(303);
  await until('the tickets are issued', async () => {
    const answer = await ask(DEMO_BUYER, 'GET', `/orders/${orderNumber}/status`);
    return ((await answer.json()) as { readonly status: string }).status === 'issued';
  });
};

const trail = async (): Promise<readonly unknown[]> => {
  const store = openEventStore({ connectionString: stores.at(-1) ?? '' });
  try {
    return (await eventsIn(store, auditTrailStream(OPERATOR, Date.now()))).map(({ data }) => data);
  } finally {
    await store.close();
  }
};

/** Threads of the audits so far, as the engine logs them. */
const threads = (): readonly number[] =>
  [...engine.output().matchAll(/"threadId":(\d+)/g)].map(([, thread]) => Number(thread));

it('A program that was sold is proved clean, and the report is genuine', async () => {
  await buy(DEMO_TICKET_USERS[0]);
  const answer = await audit(`programs/${PROGRAM}/verify?reason=the+promoter+asks`);
  expect(answer.status).toBe(200);
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({
    ...{ scope: PROGRAM, verdict: 'kept' },
    programs: [{ programId: PROGRAM, orders: 1, balance: { payments: 1 } }],
  });
  const file = join(folder.path, 'report.json');
  await writeFile(file, text);
  const checked = spawnSeatlog(['audit', 'check-report', file, '--data-dir', folder.path]);
  expect(await checked.exited).toMatchObject({ code: 0 });
  expect(checked.text).toContain('The report is genuine');
});

it('A replay over HTTP is to the byte what the command line prints', async () => {
  const answer = await audit(`programs/${PROGRAM}/replay`, { whatIf: { perOrder: 1, holdTtl: '2m' } });
  expect(answer.status).toBe(200);
  const whatIf = ['--what-if', 'per-order=1', 'hold-ttl=2m'];
  const printed = spawnSeatlog(['audit', 'replay', PROGRAM, ...whatIf, '--json', ...stores]);
  expect(await printed.exited).toMatchObject({ code: 0 });
  expect(await answer.text()).toBe(printed.text);
});

it('An order is taken while every program is proved, which is done off the main thread', async () => {
  const proof = audit('verify');
  const orderNumber = await order(DEMO_TICKET_USERS[1]);
  expect(orderNumber).toMatch(/^\d+$/);
  const answer = await proof;
  expect([answer.status, await answer.json()]).toMatchObject([200, { scope: 'all', verdict: 'kept' }]);
  await until('all three audits are logged', () => threads().length === 3);
  // The main thread is number 0.
  expect(threads().every((thread) => thread > 0)).toBe(true);
});

it('What is refused has a code, and what was asked is in the trail, whoever may only read excepted', async () => {
  const before = (await trail()).length;
  const refused = await audit(`programs/${PROGRAM}/replay`, { whatIf: { price: 5 } });
  expect([refused.status, await refused.json()]).toMatchObject([422, { code: 'unknown_setting' }]);
  const unknown = await audit('programs/nobody/verify');
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: 'program_not_found' }]);
  const onlyReading = ['--all', '--json', '--unrecorded', '--operator', OPERATOR];
  const reading = spawnSeatlog(['audit', 'verify', ...onlyReading, ...stores]);
  expect(await reading.exited).toMatchObject({ code: 0 });
  const read = await trail();
  expect(read).toMatchObject([
    { question: 'verify', subject: PROGRAM, reason: 'the promoter asks', via: 'http' },
    { question: 'replay', subject: PROGRAM },
    { question: 'verify', subject: '*' },
    { question: 'verify', subject: 'nobody' },
  ]);
  expect(read).toHaveLength(before + 1);
});
