/**
 * A Redis of a test file's own: on a free port, in a folder of its own, so that a test may flush, stop and
 * restart it. Nothing is kept on disk: a restarted server has forgotten everything.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { LOOPBACK, settlePort } from '../../src/embedded/port.ts';
import { openRedis } from '../../src/redis.ts';
import { until } from './until.ts';

const PROGRAM = 'redis-server';
const BUS_OFFSET = 10_000;
const LEAST_GIVEN_PORT = 32_000;

export type RedisServer = {
  /** As the engine connects: no waiting while disconnected. */
  readonly client: Redis;
  readonly url: string;
  /** Ends the server with SIGKILL. */
  stop(): Promise<void>;
  /** Starts it again on the same port and waits until `client` is connected. */
  start(): Promise<void>;
  /** Stops answering (true) and goes on (false) without losing connections. */
  freeze(frozen: boolean): void;
};

/** Call it once at the top of a test file. `cluster` makes it a Redis Cluster of one node. */
export function useRedisServer({ cluster = false } = {}): RedisServer {
  let port = 0;
  let folder = '';
  let child: ChildProcess | undefined;
  let connection: ReturnType<typeof openRedis> | undefined;
  const url = (): string => `redis://${LOOPBACK}:${port}`;
  const start = async (): Promise<void> => {
    child = await spawnRedis(port, folder, cluster);
    connection ??= openRedis(url(), () => undefined);
    await until('the client is connected', () => connection?.client.status === 'ready');
  };
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seatlog-redis-'));
    port = await (cluster ? settleClusterPort() : settlePort(0, 'the port'));
    await start();
  });
  afterAll(async () => {
    await connection?.close();
    await stop();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });
  return {
    get client() {
      if (connection === undefined) throw new Error('The Redis of this file has not been started yet.');
      return connection.client;
    },
    get url() {
      return url();
    },
    stop,
    start,
    freeze: (frozen) => {
      child?.kill(frozen ? 'SIGSTOP' : 'SIGCONT');
    },
  };
}

async function spawnRedis(port: number, folder: string, cluster: boolean): Promise<ChildProcess> {
  const args = ['--port', `${port}`, '--bind', LOOPBACK, '--dir', folder, '--save', '', '--appendonly', 'no'];
  if (cluster) args.push('--cluster-enabled', 'yes', '--cluster-announce-ip', LOOPBACK);
  const child = spawn(PROGRAM, args, { stdio: 'ignore' });
  const client = new Redis(port, LOOPBACK, { lazyConnect: true, retryStrategy: () => 20 });
  client.on('error', () => undefined);
  try {
    await until('redis-server answers', async () => {
      if (child.exitCode !== null) throw new Error(`${PROGRAM} ended with code ${child.exitCode}.`);
      return (await client.ping().catch(() => undefined)) === 'PONG';
    });
    if (cluster) {
      await client.cluster('ADDSLOTSRANGE', 0, 16_383).catch(ignoreOwned);
      await until('the cluster is whole', async () =>
        String(await client.cluster('INFO')).includes('cluster_state:ok'),
      );
    }
  } finally {
    client.disconnect();
  }
  return child;
}

/** A node of a cluster listens on a second port too, which must not be one of those that systems give away. */
async function settleClusterPort(): Promise<number> {
  for (;;) {
    const port = await settlePort(0, 'the port');
    if (port + BUS_OFFSET >= LEAST_GIVEN_PORT) continue;
    return (await settlePort(port + BUS_OFFSET, 'the port of the bus')) - BUS_OFFSET;
  }
}

/** A restarted node still owns its slots. */
function ignoreOwned(error: Error): void {
  if (!error.message.includes('busy')) throw error;
}
