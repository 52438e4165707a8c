import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { healthEndpoints, type Probe } from '../../src/api/health.ts';
import { homeEndpoint } from '../../src/api/home.ts';
import { createHttp } from '../../src/api/http.ts';
import { type HttpServer, listen } from '../../src/api/server.ts';

const TIMEOUT_MS = 50;
let server: HttpServer;
let address: string;
let probes: Probe[];

beforeEach(async () => {
  probes = [{ name: 'redis', check: () => Promise.resolve() }];
  const { listener } = createHttp({
    endpoints: [homeEndpoint('1.2.3'), ...healthEndpoints({ probes, timeoutMs: TIMEOUT_MS })],
    bodyLimitBytes: 100,
    logError: () => undefined,
    verifyToken: () => ({ kind: 'refused', code: 'unauthenticated' }),
    isUnavailable: () => false,
  });
  server = await listen(listener, '127.0.0.1', 0);
  address = `http://127.0.0.1:${server.port}`;
});

afterEach(() => server.close(0));

describe('health', () => {
  test('liveness asks no store', async () => {
    probes[0] = { name: 'redis', check: () => Promise.reject(new Error('never asked')) };
    expect((await fetch(`${address}/health/live`)).status).toBe(200);
  });

  test('readiness is 200 when every store answers', async () => {
    const response = await fetch(`${address}/health/ready`);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ status: 'ready', stores: { redis: { state: 'up' } } });
  });

  test('readiness is 503 and names the store that fails, with the reason', async () => {
    probes.push({ name: 'postgres', check: () => Promise.reject(new Error('refused')) });
    const response = await fetch(`${address}/health/ready`);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      stores: { redis: { state: 'up' }, postgres: { state: 'down', reason: 'refused' } },
    });
  });

  test('a store that never answers does not hold readiness up', async () => {
    probes.push({ name: 'postgres', check: () => new Promise(() => undefined) });
    const response = await fetch(`${address}/health/ready`);
    expect(await response.json()).toMatchObject({
      stores: { postgres: { state: 'down', reason: `no answer within ${TIMEOUT_MS} ms` } },
    });
  });
});

describe('everything else', () => {
  test('the home page is HTML for a browser and JSON for a program', async () => {
    const page = await fetch(address, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(await page.text()).toContain('<a href="/health/ready">');
    expect(await (await fetch(address)).json()).toMatchObject({ name: 'seatlog', version: '1.2.3' });
  });

  test('an unknown path is a problem document', async () => {
    const response = await fetch(`${address}/nowhere`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: 'Nothing answers GET /nowhere.',
    });
  });

  test('a body that nobody asked for is not looked at', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${address}/nowhere`, { method: 'POST', headers, body: '{"a":' });
    expect(await response.json()).toMatchObject({ status: 404, code: 'not_found' });
  });

  test('the answers do not say what they are built with', async () => {
    expect((await fetch(address)).headers.has('x-powered-by')).toBe(false);
  });

  test('closing the server does not wait for ever for a client that says nothing', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await server.close(10);
    await closed;
    // The hook closes a server too.
    server = await listen(() => undefined, '127.0.0.1', 0);
  });
});
