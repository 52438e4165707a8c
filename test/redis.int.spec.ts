/** The engine's connection to Redis: what it asks in one turn leaves in one write, and an outage takes nobody with it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LOOPBACK } from '../src/embedded/port.ts';
import { openRedis } from '../src/redis.ts';
import { useRedisServer } from './support/redis-server.ts';
import { until } from './support/until.ts';

const COMMANDS = 100;
const numbers = Array.from({ length: COMMANDS }, (_, index) => index);

const server = useRedisServer();
/** Between the client and Redis: it sees what arrives together. */
let wire: Server;
let redis: ReturnType<typeof openRedis>;
let arrivals = 0;
let sockets: Socket[] = [];

beforeAll(async () => {
  wire = createServer((incoming) => {
    const outgoing = connect(Number(new URL(server.url).port), LOOPBACK);
    sockets.push(incoming, outgoing);
    incoming.on('data', () => {
      arrivals += 1;
    });
    incoming.pipe(outgoing).pipe(incoming);
    for (const socket of [incoming, outgoing]) socket.on('error', () => undefined);
  });
  wire.listen(0, LOOPBACK);
  await once(wire, 'listening');
  // A server that listens has an address.
  redis = openRedis(`redis://${LOOPBACK}:${(wire.address() as AddressInfo).port}`, () => undefined);
  await redis.ping();
});

beforeEach(() => {
  arrivals = 0;
});

afterAll(async () => {
  await redis.close();
  for (const socket of sockets) socket.destroy();
  wire.close();
});

const cut = (): void => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
};

describe('commands of one turn of the event loop', () => {
  it('leave in one write, and are answered each with its own', async () => {
    await redis.client.mset(numbers.flatMap((number) => [`n${number}`, number]));
    arrivals = 0;
    const answers = await Promise.all(numbers.map((number) => redis.client.get(`n${number}`)));
    expect(answers).toEqual(numbers.map(String));
    expect(arrivals).toBe(1);
  });

  it('do not wait for more', async () => {
    for (const number of [1, 2, 3]) expect(await redis.client.get(`n${number}`)).toBe(String(number));
    expect(arrivals).toBe(3);
  });

  it('are all refused when the connection ends before they have left', async () => {
    const asked = numbers.map((number) => redis.client.get(`n${number}`));
    redis.client.stream.destroy();
    const answers = await Promise.allSettled(asked);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await until('the client is connected again', () => redis.client.status === 'ready');
    expect(await redis.client.get('n7')).toBe('7');
  });

  it('are answered or refused, each once, when the connection ends under them', async () => {
    for (let round = 0; round < 20; round += 1) {
      const asked = numbers.map((number) => redis.client.get(`n${number}`));
      if (round % 2 === 0) setImmediate(cut);
      else cut();
      for (const [index, answer] of (await Promise.allSettled(asked)).entries()) {
        if (answer.status === 'fulfilled') expect(answer.value).toBe(String(index));
      }
      await until('the client is connected again', () => redis.client.status === 'ready');
    }
  });
});
