import { afterEach, describe, expect, it } from 'vitest';
import { type OperationsDeps, operationsEndpoints } from '../../src/api/operations.ts';
import { logPositionSchema } from '../../src/domain/projection/index.ts';
import { orderNumberSchema, programIdSchema } from '../../src/domain/shared/ids.ts';
import { workSeen } from '../../src/engine/operations-seen.ts';
import { createOrderMeasures } from '../../src/telemetry/order-measures.ts';
import { bearer, type LaneServer, startLane } from './lanes.ts';

/** More than a number can say exactly. */
const POSITION = 2n ** 60n + 1n;
const process = {
  holder: 'h',
  config: { roles: 'api,worker' } as const,
  numbers: { state: () => ({ workerId: 7, untilMs: 5, lastError: undefined }) },
  streams: { sales: { queues: () => [{ stream: 'Sale-p', queued: 3 }] } },
};
const idle = workSeen(
  { ...process, numbers: { state: () => ({ workerId: undefined, untilMs: undefined, lastError: 'away' }) } },
  undefined,
);

let server: LaneServer | undefined;
afterEach(() => server?.close());

const get = (path: string, deps: Partial<OperationsDeps>, scopes?: readonly string[]) =>
  ask(path, deps, scopes);

const ask = async (
  path: string,
  deps: Partial<OperationsDeps>,
  scopes: readonly string[] = ['operator'],
  body?: unknown,
) => {
  const measures = createOrderMeasures(() => 1_000);
  measures.record('v3', 'placed', 4);
  const all: OperationsDeps = {
    projections: async () => [],
    retryProjection: async () => 'unknown',
    skipProjectionEvent: async () => ({ kind: 'refused', code: 'projection_not_found' }),
    work: () => idle,
    measuredOrders: measures.report,
    ...deps,
  };
  server = await startLane('express', operationsEndpoints(all));
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    headers: { ...(await bearer('olga', [...scopes])), 'content-type': 'application/json' },
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
};

describe('The work of a process', () => {
  it('is for operators to see', async () => {
    expect(await get('/operations/work', {}, [])).toMatchObject({ status: 403 });
    expect(await get('/operations/orders', {}, [])).toMatchObject({ status: 403 });
  });

  it('is shown with null for what is not known, where nothing has begun', async () => {
    const { status, body } = await get('/operations/work', {});
    expect([status, body]).toEqual([
      200,
      {
        holder: 'h',
        roles: ['api', 'worker'],
        orderNumbers: { workerId: null, untilMs: null, lastError: 'away' },
        ...{ leases: [], processes: [], lanes: [], gateProjector: null, expiry: null },
        waitingForSales: [{ stream: 'Sale-p', queued: 3 }],
      },
    ]);
  });

  it('is shown with what is stuck, and with places in the log that lose nothing', async () => {
    const programId = programIdSchema.parse('swan-lake');
    const work = workSeen(process, {
      leases: [{ name: 'redis', status: 'held', holder: 'h', losses: 1, lastError: undefined }],
      processes: [
        {
          ...{ name: 'payment', position: POSITION, reacted: 2, open: 1 },
          stuckAt: { stream: 's', revision: POSITION, type: 'T', error: 'no', sinceMs: 9, tries: 4 },
        },
        { name: 'issuing', position: undefined, reacted: 0, open: 0 },
      ],
      lanes: [
        {
          ...{ lane: 3, position: POSITION, open: 1, decided: 8 },
          stuck: {
            ...{ lane: 3, programId, orderNumber: orderNumberSchema.parse('42') },
            ...{ error: 'no', sinceMs: 9, tries: 4 },
          },
          damagedAt: { revision: 6n, error: 'torn' },
        },
      ],
      gateProjector: {
        ...{ position: POSITION, applied: 1, refills: 2, lagEvents: 3, lagMs: 4, liveSales: 5 },
        ...{ brokenSales: [programId], lastError: { message: 'no', atMs: 9 } },
      },
      expiry: { due: 1, ended: 2, lastError: 'no' },
    });
    const { body } = await get('/operations/work', { work: () => work });
    const position = POSITION.toString();
    expect(body).toMatchObject({
      orderNumbers: { workerId: 7, untilMs: 5, lastError: null },
      leases: [{ name: 'redis', status: 'held', holder: 'h', losses: 1, lastError: null }],
      processes: [
        { name: 'payment', position, reacted: 2, open: 1, stuckAt: { revision: position, tries: 4 } },
        { name: 'issuing', position: null, reacted: 0, open: 0, stuckAt: null },
      ],
      gateProjector: { position, brokenSales: ['swan-lake'], lastError: { message: 'no', atMs: 9 } },
      expiry: { due: 1, ended: 2, lastError: 'no' },
    });
    expect((body as { lanes: unknown }).lanes).toEqual([
      {
        ...{ lane: 3, position, open: 1, decided: 8 },
        stuck: { programId: 'swan-lake', orderNumber: '42', error: 'no', sinceMs: 9, tries: 4 },
        damagedAt: { revision: '6', error: 'torn' },
      },
    ]);
  });
});

it('The orders of a process are shown by mode and outcome', async () => {
  const { body } = await get('/operations/orders', {});
  expect(body).toMatchObject({
    sinceMs: 1_000,
    orders: [{ mode: 'v3', outcome: 'placed', count: 1, recent: { count: 1 } }],
  });
});

describe('A stopped read model', () => {
  const path = '/operations/projections/orders/resume';
  const skip = { how: 'skip', position: '42', reason: 'a test order' };
  const event = { position: logPositionSchema.parse('41'), stream: 'Sale-p', revision: '7' };
  const refused = { kind: 'refused', code: 'projection_stopped_elsewhere' } as const;

  it('goes on with its event, by the wish of who asks', async () => {
    const asked: string[] = [];
    const retryProjection: OperationsDeps['retryProjection'] = async (name, askedBy) => {
      asked.push(`${name} ${askedBy}`);
      return 'resumed';
    };
    const { status, body } = await ask(path, { retryProjection }, ['operator'], { how: 'retry' });
    expect([status, body]).toEqual([200, { name: 'orders', state: 'running' }]);
    expect(asked).toEqual(['orders olga']);
  });

  it.each([
    ['unknown', 404, 'projection_not_found'],
    ['not_stopped', 409, 'projection_not_stopped'],
  ] as const)('is not there to be tried again: %s', async (outcome, status, code) => {
    const answer = await ask(path, { retryProjection: async () => outcome }, ['operator'], { how: 'retry' });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('passes over the event at the position that was named, for a reason', async () => {
    const asked: unknown[] = [];
    const skipProjectionEvent: OperationsDeps['skipProjectionEvent'] = async (request, { actor }) => {
      asked.push({ ...request, actor });
      return { kind: 'skipped', event: { ...event, type: 'OrderPaid', error: 'no' } };
    };
    expect(await ask(path, { skipProjectionEvent }, ['operator'], skip)).toMatchObject({ status: 200 });
    expect(asked).toEqual([{ projection: 'orders', position: '42', reason: 'a test order', actor: 'olga' }]);
  });

  it('says where it stands to whoever named another event', async () => {
    const stands = { ...event, type: 'OrderPaid', error: 'no' };
    const answer = await ask(
      path,
      { skipProjectionEvent: async () => ({ ...refused, event: stands }) },
      ['operator'],
      skip,
    );
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'projection_stopped_elsewhere', detail: 'It stands at position 41.' },
    });
  });

  it.each([
    ['without a position', { ...skip, position: undefined }],
    ['without a reason', { ...skip, reason: '  ' }],
    ['at no position', { ...skip, position: '-1' }],
    ['with what belongs to a skip', { ...skip, how: 'retry' }],
  ])('is not resumed %s', async (_, body) => {
    expect(await ask(path, {}, ['operator'], body)).toMatchObject({
      status: 422,
      body: { code: 'invalid_request' },
    });
  });

  it('is for operators to resume', async () => {
    expect(await ask(path, {}, [], skip)).toMatchObject({ status: 403 });
  });
});
