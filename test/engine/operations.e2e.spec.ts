/** What an operator sees of the real engine while it works, and what is not there without a payment provider. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mintToken } from '../../src/api/identity.ts';
import { readConfig } from '../../src/config.ts';
import { userIdSchema } from '../../src/domain/shared/ids.ts';
import { secretOf } from '../../src/secrets.ts';
import { type Engine, startEngine, stopEngine, temporaryFolder } from '../support/engine.ts';
import { until } from '../support/until.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: Engine;
let url: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = startEngine(folder.path, {
    SEATLOG_PAYMENT_PROVIDER: 'none',
    SEATLOG_USER_WRITES_PER_SECOND: '2',
  });
  url = ((await engine.ready())['API'] ?? '').replace(/\/$/, '');
});
afterAll(async () => {
  await stopEngine(engine);
  await folder.remove();
});

const ask = async (path: string, body?: unknown): Promise<Response> => {
  const key = secretOf(readConfig({ SEATLOG_DATA_DIR: folder.path }), 'SEATLOG_TOKEN_KEY');
  if (key === undefined) throw new Error('The engine keeps no token key.');
  const who = { userId: userIdSchema.parse('olga'), scopes: ['operator'], ttlSeconds: 60 };
  const token = await mintToken(key.bytes, { ...who, nowMs: Date.now() });
  return fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
};
type Work = {
  readonly leases: readonly { readonly name: string; readonly status: string }[];
  readonly processes: readonly { readonly name: string }[];
  readonly lanes: readonly unknown[];
  readonly gateProjector: unknown;
  readonly expiry: unknown;
};
const workNow = async (): Promise<Work> => (await ask('/operations/work')).json() as Promise<Work>;

it('shows all the work of the only process there is', async () => {
  await until('every lease is held and its work runs', async () => {
    const { leases, processes, lanes, gateProjector, expiry } = await workNow();
    const isHeld = leases.length > 0 && leases.every(({ status }) => status === 'held');
    const names = processes.map(({ name }) => name).sort();
    return (
      isHeld &&
      names.join() === 'issuing,payment,sale_lifecycle' &&
      lanes.length > 1 &&
      gateProjector !== null &&
      expiry !== null
    );
  });
  const { leases, orderNumbers } = (await workNow()) as Work & { orderNumbers: { workerId: unknown } };
  expect(leases.map(({ name }) => name)).not.toContain('simulated-provider');
  expect(orderNumbers.workerId).toEqual(expect.any(Number));
});

const order = { programId: 'none', ticketUserIds: ['t'], seats: [0] };
const codeOf = async (answer: Response): Promise<string> => ((await answer.json()) as { code: string }).code;

it('counts the orders that it answers, by mode and outcome', async () => {
  const codes = [await codeOf(await ask('/orders/v1', order)), await codeOf(await ask('/orders/v3', order))];
  const { orders } = (await (await ask('/operations/orders')).json()) as { orders: unknown[] };
  expect(orders).toEqual([
    expect.objectContaining({ mode: 'v1', outcome: codes[0], count: 1 }),
    expect.objectContaining({ mode: 'v3', outcome: codes[1], count: 1 }),
  ]);
});

it('takes as many writes of a user as is set', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/orders/v3', order)));
  expect(answers.map(({ status }) => status)).toContain(429);
});

it('has no page to pay at where no provider is set up', async () => {
  const page = await fetch(`${url}/simulated-provider/charges/ch_${'0'.repeat(32)}`);
  expect([page.status, await codeOf(page)]).toEqual([404, 'not_found']);
  const description = JSON.stringify(await (await fetch(`${url}/openapi.json`)).json());
  expect(description).not.toContain('simulated-provider');
});
