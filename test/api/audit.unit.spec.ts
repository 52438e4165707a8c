/** How audits are described to those who write clients, and how many are answered at a time. */
import { afterEach, expect, it } from 'vitest';
import { type AuditDeps, auditEndpoints } from '../../src/api/audit.ts';
import { openApiDocument } from '../../src/api/openapi.ts';
import { bearer, type LaneServer, startLane } from './lanes.ts';

const neverCalled = async (): Promise<never> => {
  throw new Error('This is not asked for.');
};
const deps: AuditDeps = {
  audit: {
    record: neverCalled,
    order: neverCalled,
    seat: neverCalled,
    buyer: neverCalled,
    program: neverCalled,
  },
  nowMs: Date.now,
};
let server: LaneServer | undefined;
afterEach(() => server?.close());

it('Every question of an audit is described, for operators, with the shape of its answer', () => {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument(auditEndpoints(deps), '1'))) as {
    paths: Record<string, { get: Record<string, unknown> }>;
  };
  expect(Object.keys(paths).sort()).toEqual([
    '/audit/buyers/{userId}',
    '/audit/orders/{orderNumber}',
    '/audit/programs/{programId}',
    '/audit/programs/{programId}/seats/{seat}',
  ]);
  for (const { get } of Object.values(paths)) {
    expect(get).toMatchObject({
      security: [{ token: ['operator'] }],
      responses: { 200: { content: { 'application/json': { schema: { type: 'object' } } } } },
    });
  }
});

it('A few audits are answered at a time, and the next is told to come again', async () => {
  let [letGo, started] = [(): void => undefined, 0];
  const held = new Promise<void>((done) => {
    letGo = done;
  });
  const record = async (): Promise<void> => {
    started++;
    await held;
  };
  const program = async () => ({ kind: 'refused', code: 'sale_not_open' }) as const;
  server = await startLane('express', auditEndpoints({ ...deps, audit: { ...deps.audit, record, program } }));
  const headers = await bearer('olga', ['operator']);
  const ask = () => fetch(`http://127.0.0.1:${server?.port}/audit/programs/p`, { headers });
  const waiting = Array.from({ length: 5 }, ask);
  const first = await Promise.race(waiting);
  expect([first.status, first.headers.get('retry-after')]).toEqual([503, '1']);
  expect(started).toBe(4);
  letGo();
  const answers = await Promise.all(waiting);
  expect(answers.map(({ status }) => status).sort()).toEqual([409, 409, 409, 409, 503]);
  expect((await ask()).status).toBe(409);
});
