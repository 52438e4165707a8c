/** The embedded Redis: the machine's own `redis-server`, with its own folder, on a loopback port. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { StoreError } from './error.ts';
import { keepRunning, type Launcher } from './launch.ts';
import { LOOPBACK, settlePort } from './port.ts';

const PING_TIMEOUT_MS = 1_000;

export type RedisOptions = { readonly port: number; readonly program: string };

/** Starts Redis and returns its URL once it has loaded its data. */
export async function startRedis(launcher: Launcher, options: RedisOptions): Promise<string> {
  const command = findProgram(options.program);
  const port = await settlePort(options.port, 'SEATLOG_EMBEDDED_REDIS_PORT');
  const directory = launcher.folder.file('redis');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const args = {
    port: String(port),
    bind: LOOPBACK,
    dir: directory,
    daemonize: 'no',
    // The append-only file alone holds the data: it survives a kill -9, and snapshots would only add disk work.
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '',
  };
  await keepRunning(launcher, {
    spec: {
      name: 'redis',
      command,
      args: Object.entries(args).flatMap(([name, value]) => [`--${name}`, value]),
      logFile: launcher.folder.file('logs', 'redis.log'),
      stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    },
    isReady: () => answersPing(port),
  });
  return `redis://${LOOPBACK}:${port}`;
}

function findProgram(program: string): string {
  const found = spawnSync('sh', ['-c', 'command -v -- "$1"', 'sh', program], { encoding: 'utf8' });
  if (found.status === 0) return found.stdout.trim();
  throw new StoreError(
    `${program} is not installed: install Redis ("apt-get install redis-server", "brew install redis"), or set ` +
      'SEATLOG_REDIS_URL to a Redis that already runs.',
  );
}

/** A bare socket instead of a client: while Redis starts, refused connections are the expected case. */
function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK, () => socket.write('PING\r\n'));
    const answer = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(PING_TIMEOUT_MS, () => answer(false));
    socket.once('data', (data) => answer(data.toString('latin1').startsWith('+PONG')));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
  });
}
