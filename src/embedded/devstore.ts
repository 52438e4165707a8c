/** The embedded event store: this program's own `devstore` command, run as a process of its own. */
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { keepRunning, type Launcher } from './launch.ts';
import { LOOPBACK, settlePort } from './port.ts';

const CONNECT_TIMEOUT_MS = 1_000;

export type DevstoreOptions = {
  readonly port: number;
  /** The built command line program, `dist/cli/seatlog.js`. */
  readonly programFile: string;
};

/** Starts the devstore and returns its connection string once it accepts connections. */
export async function startDevstore(launcher: Launcher, options: DevstoreOptions): Promise<string> {
  const port = await settlePort(options.port, 'SEATLOG_EMBEDDED_EVENTSTORE_PORT');
  const directory = launcher.folder.file('eventstore');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await keepRunning(launcher, {
    spec: {
      name: 'devstore',
      command: process.execPath,
      args: [options.programFile, 'devstore', '--port', String(port), '--data-dir', directory],
      logFile: launcher.folder.file('logs', 'devstore.log'),
      stop: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    },
    isReady: () => accepts(port),
  });
  return `esdb://${LOOPBACK}:${port}?tls=false`;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    const answer = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => answer(false));
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
