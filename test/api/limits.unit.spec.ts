/**
 * What happens when there is more than the engine takes, and when those who asked have gone: in both lanes.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Endpoint, endpoint, json } from '../../src/api/endpoint.ts';
import type { HttpOptions } from '../../src/api/http.ts';
import type { Served } from '../../src/api/serve.ts';
import { ask } from './client.ts';
import { bearer, type LaneServer, lanes, startLane } from './lanes.ts';

let server: LaneServer;
afterEach(() => server.close());

/** A handler that says when it has begun and ends when it is told to. */
const createSlow = () => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  let enter: (signal: AbortSignal) => void = () => undefined;
  const entered = new Promise<AbortSignal>((resolve) => {
    enter = resolve;
  });
  const slow = endpoint({
    method: 'GET',
    path: '/slow',
    access: 'public',
    summary: 'Waits.',
    answers: { 200: 'Done.' },
    handle: async ({ signal }) => {
      enter(signal);
      await opened;
      return json(200, {});
    },
  });
  return { slow, entered, open };
};

const write = endpoint({
  method: 'POST',
  path: '/orders',
  access: 'buyer',
  summary: 'Writes.',
  body: z.strictObject({}).optional(),
  answers: { 201: 'Done.' },
  handle: () => json(201, {}),
});

describe.each(lanes)('the %s lane', (lane) => {
  const start = async (endpoints: readonly Endpoint[], options: Partial<HttpOptions> = {}): Promise<void> => {
    server = await startLane(lane, endpoints, options);
  };
  const order = (headers: Record<string, string>) =>
    ask(server.port, { method: 'POST', path: '/orders', headers });

  test('refuses a user who writes too often, and no other', async () => {
    await start([write], { limits: { userWritesPerSecond: 2 } });
    const [ann, bob] = [await bearer('ann'), await bearer('bob')];
    const [bobs, ...anns] = await Promise.all([bob, ann, ann, ann, ann].map(order));
    expect(bobs?.status).toBe(201);
    // Each has a connection of its own, so which of them come first is not known.
    expect(anns.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429]);
    const refused = anns.find(({ status }) => status === 429);
    expect(refused?.json()).toMatchObject({ code: 'rate_limited' });
    expect(refused?.headers['retry-after']).toBe('1');
  });

  test('refuses an address that writes too often, where that is wanted', async () => {
    await start([write], { limits: { userWritesPerSecond: 0, addressWritesPerSecond: 1 } });
    const answers = await Promise.all([await bearer('ann'), await bearer('bob')].map(order));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 429]);
  });

  test('counts the address that a trusted proxy names, and believes nobody else', async () => {
    const limits = { userWritesPerSecond: 0, addressWritesPerSecond: 1 };
    const [ann, bob] = [await bearer('ann'), await bearer('bob')];
    const fromTwoHomes = [
      { ...ann, 'x-forwarded-for': '198.51.100.1' },
      { ...bob, 'x-forwarded-for': '198.51.100.2' },
    ];
    await start([write], { limits: { ...limits, trustedProxies: ['127.0.0.1'] } });
    const trusted = await Promise.all(fromTwoHomes.map(order));
    expect(trusted.map(({ status }) => status)).toEqual([201, 201]);
    await server.close();
    await start([write], { limits });
    const untrusted = await Promise.all(fromTwoHomes.map(order));
    expect(untrusted.map(({ status }) => status).sort()).toEqual([201, 429]);
  });

  test('counts no reads', async () => {
    const { slow, open } = createSlow();
    await start([slow], { limits: { addressWritesPerSecond: 1 } });
    open();
    const answers = await Promise.all([1, 2, 3].map(() => ask(server.port, { path: '/slow' })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('refuses what is more than it answers at a time, and takes more when it has answered', async () => {
    const { slow, entered, open } = createSlow();
    await start([slow], { limits: { maxInFlight: 1 } });
    const first = ask(server.port, { path: '/slow' });
    await entered;
    const second = await ask(server.port, { path: '/slow' });
    expect(second.json()).toMatchObject({ status: 503, code: 'overloaded' });
    expect(second.headers['retry-after']).toBe('1');
    open();
    expect((await first).status).toBe(200);
    expect((await ask(server.port, { path: '/slow' })).status).toBe(200);
  });

  test('tells a handler that its caller has gone', async () => {
    const { slow, entered, open } = createSlow();
    await start([slow]);
    const socket = connect(server.port, '127.0.0.1');
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    const signal = await entered;
    expect(signal.aborted).toBe(false);
    const aborted = once(signal, 'abort');
    socket.destroy();
    await aborted;
    open();
    expect(server.logged).toEqual([]);
  });

  test('forgets a caller that leaves in the middle of its body', async () => {
    let served = (_: Served): void => undefined;
    const done = new Promise<Served>((resolve) => {
      served = resolve;
    });
    await start([write], { onServed: (one) => served(one) });
    const { authorization } = await bearer('ann');
    const socket = connect(server.port, '127.0.0.1');
    const fields = ['Host: a', `Authorization: ${authorization}`, 'Content-Length: 9'];
    const head = `POST /orders HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`;
    socket.write(`${head}{`, () => socket.destroySoon());
    expect(await done).toMatchObject({ lane, method: 'POST', path: '/orders', status: 400 });
    expect(server.logged).toEqual([]);
  });

  test('finishes what it has begun when the server closes', async () => {
    const { slow, entered, open } = createSlow();
    await start([slow]);
    const answer = ask(server.port, { path: '/slow' });
    await entered;
    const closed = server.close(5_000);
    open();
    expect((await answer).status).toBe(200);
    await closed;
    await start([slow]);
  });
});
