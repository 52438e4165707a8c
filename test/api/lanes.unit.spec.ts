/** What a call meets on its way to a handler and back: the same in both lanes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, talk } from './client.ts';
import { bearer, type LaneServer, lanes, startLane } from './lanes.ts';
import { sampleEndpoints } from './sample-endpoints.ts';

describe.each(lanes)('the %s lane', (lane) => {
  let server: LaneServer;
  let buyer: Record<string, string>;

  beforeAll(async () => {
    server = await startLane(lane, sampleEndpoints);
    buyer = { ...(await bearer('ann')), 'content-type': 'application/json' };
  });
  afterAll(() => server.close());

  const get = (path: string, headers = {}) => ask(server.port, { path, headers });
  const post = (body: string | Uint8Array, headers: object = {}, more: object = {}) =>
    ask(server.port, {
      method: 'POST',
      path: '/orders/v3',
      headers: { ...buyer, ...headers },
      body,
      ...more,
    });

  describe('takes a body', () => {
    test('and hands it to the handler with who sent it', async () => {
      const { status, headers, json } = await post('{"name":"王","count":2}');
      expect(status).toBe(201);
      expect(headers).toMatchObject({
        location: '/orders/1',
        'content-type': 'application/json; charset=utf-8',
      });
      expect(json()).toMatchObject({ body: { name: '王', count: 2 }, user: 'ann' });
    });

    test('in chunks of one byte', async () => {
      expect((await post('{"name":"a"}', {}, { chunked: true })).json()).toMatchObject({
        body: { name: 'a' },
      });
    });

    test('as bytes where the endpoint has no schema, whatever its type', async () => {
      const asked = {
        method: 'POST',
        path: '/callbacks',
        body: Buffer.of(0xff, 0),
        headers: { 'content-type': 'a/b' },
      };
      expect((await ask(server.port, asked)).json()).toEqual({ bytes: [255, 0], hasBody: false });
    });

    test.each([
      ['application/json'],
      ['application/json; charset=utf-8'],
      ['Application/JSON;charset="UTF-8"'],
    ])('as %s', async (type) => {
      expect((await post('{"name":"a"}', { 'content-type': type })).status).toBe(201);
    });
  });

  describe('refuses a body', () => {
    test.each([
      ['text/plain', {}],
      ['application/json; charset=gbk', {}],
      ['application/jsonp', {}],
      ['application/json', { 'content-encoding': 'gzip' }],
    ])('of type %s with %j: 415', async (type, headers) => {
      const answer = await post('{"name":"a"}', { 'content-type': type, ...headers });
      expect(answer.status).toBe(415);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.json()).toMatchObject({ code: 'unsupported_encoding', status: 415 });
    });

    test.each([
      ['half of it', '{"name":'],
      ['not JSON', 'name=a'],
      ['a byte order mark', '\ufeff{"name":"a"}'],
      ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22])],
      ['a field named like a prototype', '{"__proto__":{"name":"a"},"name":"a"}'],
      ['the same, escaped', '{"\\u005f_proto__":{},"name":"a"}'],
    ])('that is %s: 400', async (_what, body) => {
      const answer = await post(body);
      expect(answer.json()).toMatchObject({ code: 'malformed_request', status: 400 });
      expect(answer.status).toBe(400);
    });

    test('that speaks of prototypes in a text not', async () => {
      expect((await post('{"name":"__proto__"}')).status).toBe(201);
    });

    test('with fields that are missing, wrong or unknown, and names them: 422', async () => {
      const answer = await post('{"count":"2","constructor":1}');
      expect(answer.status).toBe(422);
      const { code, errors } = answer.json();
      expect(code).toBe('invalid_request');
      expect(errors).toMatchObject([
        { path: 'body.name' },
        { path: 'body.count' },
        { path: 'body', message: expect.stringContaining('constructor') },
      ]);
    });

    test('that is not there where one is needed: 422', async () => {
      expect((await post('')).json()).toMatchObject({ code: 'invalid_request', errors: [{ path: 'body' }] });
    });

    test('with many mistakes, and tells the first twenty', async () => {
      const people = JSON.stringify({ name: 'a', people: new Array(100).fill(1) });
      expect((await post(people)).json()['errors']).toHaveLength(20);
    });

    test.each([[false], [true]])('that is too large: 413 (in chunks: %j)', async (chunked) => {
      const answer = await post(JSON.stringify({ name: 'a'.repeat(1_000) }), {}, { chunked });
      expect(answer.status).toBe(413);
      expect(answer.json()).toMatchObject({ code: 'body_too_large' });
    });

    test('beyond a limit of the endpoint’s own', async () => {
      const asked = { method: 'POST', path: '/callbacks', body: '12345678901' };
      expect((await ask(server.port, asked)).status).toBe(413);
    });
  });

  describe('reads an address', () => {
    test('with parameters decoded', async () => {
      expect((await get('/orders/a%2Fb/status?words=%E7%8E%8B+a&limit=3')).json()).toEqual({
        params: { orderNumber: 'a/b' },
        query: { words: '王 a', limit: 3 },
      });
    });

    test('a name before a parameter', async () => {
      expect((await get('/orders/latest/status')).json()).toEqual({ latest: true });
    });

    test.each([['/orders/%ff/status'], ['/orders/%/status'], ['/orders/1/status?words=%zz']])(
      '%s: 400 for its percent-encoding',
      async (path) => {
        const answer = await get(path);
        expect(answer.json()).toMatchObject({ status: 400, code: 'malformed_request' });
      },
    );

    test.each([
      ['/orders/1/status?limit=1&limit=2', 'query.limit'],
      ['/orders/1/status?other=1', 'query'],
      ['/orders/1/status?limit=x', 'query.limit'],
      ['/orders/1/status?__proto__=1', 'query'],
      [`/orders/${'1'.repeat(21)}/status`, 'path.orderNumber'],
    ])('%s: 422', async (path, wrong) => {
      expect((await get(path)).json()).toMatchObject({ code: 'invalid_request', errors: [{ path: wrong }] });
    });

    test.each([
      ['/orders'],
      ['/orders/v3/'],
      ['/Orders/latest/status'],
      ['/orders//status'],
      ['//'],
      ['/%6frders/v3'],
    ])('%s: 404', async (path) => {
      expect((await get(path)).json()).toMatchObject({ status: 404, code: 'not_found' });
    });
  });

  describe('knows methods', () => {
    test('HEAD where GET is, without a body', async () => {
      const whole = await get('/orders/latest/status');
      const head = await ask(server.port, { method: 'HEAD', path: '/orders/latest/status' });
      expect(head).toMatchObject({ status: 200, text: '' });
      expect(head.headers['content-length']).toBe(String(whole.text.length));
    });

    test('405 names those that an address takes', async () => {
      const answer = await ask(server.port, { method: 'PUT', path: '/orders/latest/status' });
      expect(answer.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
      expect(answer.headers['allow']).toBe('GET, HEAD, OPTIONS');
    });

    test('OPTIONS names them too', async () => {
      const answer = await ask(server.port, { method: 'OPTIONS', path: '/orders/v3' });
      expect([answer.status, answer.headers['allow']]).toEqual([204, 'DELETE, OPTIONS, POST']);
    });
  });

  describe('asks who calls', () => {
    test('401 for nobody, before the body is looked at', async () => {
      const answer = await post('{', { authorization: 'Basic YTpi' });
      expect(answer.json()).toMatchObject({ status: 401, code: 'unauthenticated' });
      expect(answer.headers['www-authenticate']).toBe('Bearer realm="seatlog"');
    });

    test('401 for a token of somebody else’s making', async () => {
      const answer = await post('{}', { authorization: 'Bearer eyJ.x.y' });
      expect(answer.json()).toMatchObject({ code: 'unauthenticated' });
      expect(answer.headers['www-authenticate']).toContain('error="invalid_token"');
    });

    test('403 for a buyer where an operator is needed', async () => {
      const answer = await ask(server.port, { method: 'DELETE', path: '/orders/1', headers: buyer });
      expect(answer.json()).toMatchObject({ status: 403, code: 'forbidden' });
      expect(answer.headers['www-authenticate']).toContain('scope="operator"');
    });

    test('and lets an operator', async () => {
      const headers = await bearer('ops', ['operator']);
      const answer = await ask(server.port, { method: 'DELETE', path: '/orders/1', headers });
      expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([204, '', undefined]);
    });
  });

  describe('marks an answer', () => {
    test.each([
      ['x-request-id', 'req-1~!'],
      ['x-correlation-id', 'cor-1'],
    ])('with the %s of the caller, and tells the handler', async (name, id) => {
      const answer = await post('{"name":"a"}', { [name]: id });
      expect(answer.headers['x-correlation-id']).toBe(id);
      expect(answer.json()['correlationId']).toBe(id);
    });

    test.each([['with space'], ['x'.repeat(65)], ['ü']])('with its own instead of %j', async (id) => {
      const { headers } = await get('/nowhere', { 'x-request-id': id });
      expect(headers['x-correlation-id']).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('as not to be kept, and of no other type than it says', async () => {
      for (const path of ['/nowhere', '/orders/latest/status']) {
        const { headers } = await get(path);
        expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
        expect(headers).not.toHaveProperty('x-powered-by');
      }
    });
  });

  describe('says what went wrong behind it', () => {
    test.each([
      ['overloaded', 'overloaded', '1'],
      ['busy', 'busy', '1'],
      ['no-number', 'unavailable', '2'],
      ['away', 'unavailable', '2'],
    ])('%s: 503 %s, and when to come again', async (name, code, seconds) => {
      const answer = await get(`/problems/${name}`);
      expect(answer.json()).toMatchObject({ status: 503, code });
      expect(answer.headers['retry-after']).toBe(seconds);
    });

    test.each([['secret'], ['text'], ['unwritable'], ['bad-header']])(
      '%s: 500, which is logged and not shown',
      async (name) => {
        const before = server.logged.length;
        const answer = await get(`/problems/${name}`);
        expect([answer.status, answer.json()['code']]).toEqual([500, 'internal_error']);
        expect(answer.text).not.toContain('abc');
        expect(server.logged.slice(before)).toMatchObject([{ path: '/problems/:name' }]);
      },
    );
  });

  test('a head larger than 16 KiB is refused by the server: 431', async () => {
    const head = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await talk(server.port, head)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('requests that come in a row on one connection are answered in a row', async () => {
    const one = 'GET /orders/latest/status HTTP/1.1\r\nHost: a\r\n';
    const talked = await talk(server.port, `${one}\r\n${one}Connection: close\r\n\r\n`);
    expect(talked.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  test('a body that was refused does not hold up the next request of its connection', async () => {
    const body = 'x'.repeat(5_000);
    const first = `POST /callbacks HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const second = 'GET /orders/latest/status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
    const talked = await talk(server.port, first + second);
    expect(talked.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
  });
});
