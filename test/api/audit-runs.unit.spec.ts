/** Audits that are run elsewhere, over HTTP: who may ask, what is kept of it, and what is refused with which code. */
import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditRunDeps, type AuditTask, auditRunEndpoints } from '../../src/api/audit-runs.ts';
import { openApiDocument } from '../../src/api/openapi.ts';
import type { AuditRead } from '../../src/domain/audit-trail/index.ts';
import { bearer, type LaneServer, startLane } from './lanes.ts';

/** Not laid out as the engine writes JSON: so it is seen that it is passed on as it is. */
const DOCUMENT = '{ "verdict":  "kept" }\n';
const answered = { kind: 'answer', json: new TextEncoder().encode(DOCUMENT) } as const;

let server: LaneServer;
let happened: (Omit<AuditRead, 'readAtMs'> | AuditTask)[];
let record: AuditRunDeps['record'];
let run: AuditRunDeps['run'];
beforeEach(async () => {
  happened = [];
  record = async (_operator, read) => {
    happened.push(read);
  };
  run = async (task) => {
    happened.push(task);
    return answered;
  };
  const deps: AuditRunDeps = {
    record: (...read) => record(...read),
    run: (...asked) => run(...asked),
  };
  server = await startLane('express', auditRunEndpoints(deps));
});
afterEach(() => server.close());

const post = async (path: string, body?: unknown, scopes: readonly string[] = ['operator']) =>
  fetch(`http://127.0.0.1:${server.port}/audit/${path}`, {
    method: 'POST',
    headers: { ...(await bearer('olga', scopes)), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const refusalOf = async (answer: Response) => ({
  ...((await answer.json()) as { readonly code: string; readonly detail?: string }),
  status: answer.status,
});

describe('A proof or a replay', () => {
  it('is recorded, then run, and answered to the byte', async () => {
    const settings = { holdTtl: '2m', limit: 4, seatPolicy: 'spread' };
    const asked = ['programs/p-1/verify', 'verify?reason=monthly', 'programs/p-1/replay'];
    const answers = [];
    for (const path of asked) {
      const answer = await post(path, path.endsWith('replay') ? { whatIf: settings } : undefined);
      answers.push([answer.status, answer.headers.get('cache-control'), await answer.text()]);
    }
    expect(answers).toEqual(asked.map(() => [200, 'no-store', DOCUMENT]));
    const kept = { unmasked: false, via: 'http' };
    expect(happened).toEqual([
      { question: 'verify', subject: 'p-1', ...kept },
      { kind: 'verify', programId: 'p-1' },
      { question: 'verify', subject: '*', reason: 'monthly', ...kept },
      { kind: 'verify' },
      { question: 'replay', subject: 'p-1', ...kept },
      {
        kind: 'replay',
        programId: 'p-1',
        whatIf: { holdTtlMs: 120_000, perBuyer: 4, seatPolicy: 'spread' },
      },
    ]);
  });

  it.each([
    [{ whatIf: { price: 5 } }, 'unknown_setting', '“price” is no setting'],
    [{ whatIf: { 'hold-ttl': '2m' } }, 'unknown_setting', 'give holdTtl, paymentTtl'],
    [{ whatIf: { holdTtl: '5' } }, 'bad_setting', 'holdTtl is a time with its unit'],
    [{ whatIf: { limit: 0 } }, 'bad_setting', 'limit is a number of tickets'],
    [{ whatIf: { seatPolicy: 'worst' } }, 'bad_setting', 'seatPolicy is one of'],
    [{ whatIf: { limit: [4] } }, 'invalid_request', undefined],
    [{ holdTtl: '2m' }, 'invalid_request', undefined],
  ])('with the body %j is refused with %s, and neither recorded nor run', async (body, code, detail) => {
    const refused = await refusalOf(await post('programs/p-1/replay', body));
    expect(refused).toMatchObject({ status: 422, code });
    if (detail !== undefined) expect(refused.detail).toContain(detail);
    expect(happened).toEqual([]);
  });

  it('is for operators', async () => {
    for (const path of ['verify', 'programs/p-1/verify', 'programs/p-1/replay']) {
      expect((await post(path, {}, [])).status).toBe(403);
    }
    expect(happened).toEqual([]);
  });

  it('is not run where it cannot be recorded', async () => {
    record = async () => {
      throw new Error('away');
    };
    expect(await refusalOf(await post('verify'))).toMatchObject({ status: 503, code: 'unavailable' });
    expect(happened).toEqual([]);
  });

  it.each([
    ['program_not_found', 404],
    ['sale_not_open', 409],
    ['audit_too_large', 503],
    ['log_unreadable', 500],
  ] as const)('that comes to %s is refused with %i', async (code, status) => {
    run = async () => ({ kind: 'refused', code, detail: 'Why it is so.' });
    expect(await refusalOf(await post('verify'))).toMatchObject({ status, code, detail: 'Why it is so.' });
  });
});

describe('One at a time', () => {
  it('is run; the next is told to come again and is not recorded, until the caller of the first has gone', async () => {
    const bell = new EventEmitter();
    const [started, stopped] = [once(bell, 'started'), once(bell, 'stopped')];
    run = (_task, { signal }) => {
      bell.emit('started');
      return new Promise((_answer, failed) => {
        signal.addEventListener('abort', () => {
          failed(signal.reason);
          bell.emit('stopped');
        });
      });
    };
    const leaving = new AbortController();
    const first = fetch(`http://127.0.0.1:${server.port}/audit/verify`, {
      ...{ method: 'POST', headers: await bearer('olga', ['operator']), signal: leaving.signal },
    });
    first.catch(() => undefined);
    await started;
    const next = await post('programs/p-1/replay', {});
    expect(next.headers.get('retry-after')).toBe('5');
    expect(await refusalOf(next)).toMatchObject({ status: 503, code: 'overloaded' });
    expect(happened).toHaveLength(1);
    leaving.abort();
    await stopped;
    run = async () => answered;
    expect((await post('verify')).status).toBe(200);
    // Nobody is to blame for work that its caller has given up.
    expect(server.logged).toEqual([]);
  });
});

it('Each is described, for operators, with the shape of its answer', () => {
  const { paths } = JSON.parse(
    JSON.stringify(openApiDocument(auditRunEndpoints({ record: async () => undefined, run }), '1')),
  ) as { paths: Record<string, { post: Record<string, unknown> }> };
  expect(Object.keys(paths).sort()).toEqual([
    '/audit/programs/{programId}/replay',
    '/audit/programs/{programId}/verify',
    '/audit/verify',
  ]);
  for (const { post: described } of Object.values(paths)) {
    expect(described).toMatchObject({
      security: [{ token: ['operator'] }],
      responses: { 200: { content: { 'application/json': { schema: { type: 'object' } } } } },
    });
  }
  expect(JSON.stringify(paths['/audit/programs/{programId}/replay']?.post)).toContain('"seatPolicy"');
});
