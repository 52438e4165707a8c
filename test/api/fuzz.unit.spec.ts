/** Whatever is sent, the engine answers, soon, and never that something went wrong in it: in both lanes. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printedRandom } from '../support/random.ts';
import { talk } from './client.ts';
import { bearer, type LaneServer, lanes, startLane } from './lanes.ts';
import { sampleEndpoints } from './sample-endpoints.ts';

const RUNS = 300;
const { seed } = printedRandom();
/** All but the endpoint that fails because it is told to. */
const endpoints = sampleEndpoints.filter(({ path }) => !path.startsWith('/problems'));

const ascii = (min: number) => fc.integer({ min, max: 0x7e }).map((code) => String.fromCharCode(code));
const pathPart = fc.oneof(
  fc.constantFrom(
    'orders',
    'v3',
    'status',
    'latest',
    '1',
    '',
    '.',
    '..',
    '%',
    '%2F',
    '%ff',
    '%00',
    '*',
    '#',
    '\\',
    '\xa0',
    ':orderNumber',
  ),
  fc.string({ unit: ascii(0x22), maxLength: 12 }),
);
const query = fc.oneof(
  fc.constant(''),
  fc.constantFrom('?limit=1', '?limit=1&limit=2', '?__proto__=1', '?words=%zz', '?=&&=', '?constructor=1'),
  fc.string({ unit: ascii(0x21), maxLength: 30 }).map((text) => `?${text}`),
);
const mostly = <Value>(often: fc.Arbitrary<Value>, seldom: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 6, arbitrary: often }, { weight: 1, arbitrary: seldom });
/** What the parser of Node refuses teaches nothing about what is behind it, so most is well formed. */
const target = mostly(
  fc.oneof(
    fc.constantFrom('/orders/v3', '/callbacks', '/orders/1', '*', 'http://a/orders/v3', '/orders/v3#a'),
    fc.tuple(pathPart, query).map(([part, search]) => `/orders/${part}/status${search}`),
  ),
  fc
    .tuple(fc.array(pathPart, { maxLength: 5 }), query)
    .map(([parts, search]) => `/${parts.join('/')}${search}`),
);
const method = mostly(
  fc.constantFrom('GET', 'HEAD', 'POST', 'POST', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'),
  fc.string({ unit: ascii(0x41), minLength: 1, maxLength: 6 }),
);
const header = mostly(
  fc.constantFrom(
    'Content-Encoding: gzip',
    'X-Request-Id: a b',
    'X-Correlation-Id: \xff',
    'Expect: 100-continue',
    'Upgrade: websocket',
    'Accept: text/event-stream',
    'Cookie: a=b; a=c',
  ),
  fc
    .tuple(
      fc.string({ unit: ascii(0x21), minLength: 1, maxLength: 8 }),
      fc.string({ unit: ascii(0x20), maxLength: 20 }),
    )
    .map(([name, value]) => `${name.replaceAll(':', '-')}: ${value}`),
);
const type = mostly(
  fc.constant('application/json'),
  fc.constantFrom('application/json; charset=utf-16', '', 'text/plain', 'application/json;;charset', '\xe9'),
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 1_200 }).map((bytes) => Buffer.from(bytes)),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .jsonValue()
    .map((value) => Buffer.from(JSON.stringify({ name: value, count: value, ['__proto__']: value }))),
  fc
    .constantFrom('{"__proto__":{"a":1}}', '['.repeat(900), '{"name":"\\ud800"}', '"\\u005F_proto__"')
    .map(Buffer.from),
);
const framing = fc.constantFrom('announced', 'announced', 'chunked', 'chunked', 'short', 'none');

type Request = {
  readonly method: string;
  readonly target: string;
  readonly type: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly framing: string;
};
const request: fc.Arbitrary<Request> = fc.record({
  method,
  target,
  type,
  headers: fc.array(header, { maxLength: 2 }),
  body,
  framing,
});

const bytesOf = (
  { method, target, type, headers, body, framing }: Request,
  authorization: string,
): Buffer => {
  const head = [
    `${method} ${target} HTTP/1.1`,
    'Host: a',
    'Connection: close',
    `Authorization: ${authorization}`,
    `Content-Type: ${type}`,
    ...headers,
  ];
  if (framing === 'none') return Buffer.from(`${head.join('\r\n')}\r\n\r\n`);
  if (framing === 'chunked') {
    const start = `${head.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk =
      body.length === 0 ? [] : [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')];
    return Buffer.concat([Buffer.from(start), ...chunk, Buffer.from('0\r\n\r\n')]);
  }
  // One that is short ends before it said it would.
  const length = body.length + (framing === 'short' ? 1 : 0);
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\nContent-Length: ${length}\r\n\r\n`), body]);
};

/** Nobody would wait for the rest of a body that is short. */
const endOf = ({ framing }: Request) => ({ hangsUp: framing === 'short' });

describe.each(lanes)('the %s lane', (lane) => {
  let server: LaneServer;
  let authorization: string;
  beforeAll(async () => {
    server = await startLane(lane, endpoints);
    authorization = (await bearer('ann', ['operator'])).authorization;
  });
  afterAll(() => server.close());

  test('answers anything, and never with a fault of its own', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const answer = await talk(server.port, bytesOf(asked, authorization), endOf(asked));
        // Node itself closes a connection without an answer for CONNECT and for a body that ends too early.
        if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (1\d\d|2\d\d|4\d\d) /);
        expect(server.logged).toEqual([]);
      }),
      { seed, numRuns: RUNS },
    );
  });

  test('answers bytes that are no request', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        const answer = await talk(server.port, bytes, { hangsUp: true });
        if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
      }),
      { seed, numRuns: RUNS },
    );
  });

  test('is none the worse for it', async () => {
    const head = 'GET /orders/latest/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    expect(await talk(server.port, head)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

/** Without what is new in every answer: times, and ids that the engine makes. */
const comparable = (answer: string): string =>
  answer
    .replaceAll(/^(date|x-correlation-id): .*$/gim, '')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id');

test('both lanes say the same', { timeout: 60_000 }, async () => {
  const [lean, express] = await Promise.all([startLane('lean', endpoints), startLane('express', endpoints)]);
  const { authorization } = await bearer('ann', ['operator']);
  try {
    await fc.assert(
      fc.asyncProperty(request, async (asked) => {
        const bytes = bytesOf(asked, authorization);
        const answers = [lean, express].map(({ port }) => talk(port, bytes, endOf(asked)));
        const [one = '', other = ''] = await Promise.all(answers);
        // Whether an answer comes before Node hangs up too is a matter of luck.
        if (endOf(asked).hangsUp && (one === '' || other === '')) return;
        expect(comparable(one)).toBe(comparable(other));
      }),
      { seed, numRuns: RUNS },
    );
  } finally {
    await Promise.all([lean.close(), express.close()]);
  }
});
