/** The embedded PostgreSQL: a real server from an npm package, with its cluster in the data folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { DataFolder } from './data-folder.ts';
import { StoreError } from './error.ts';
import { keepRunning, type Launcher, runToEnd } from './launch.ts';
import { LOOPBACK, settlePort } from './port.ts';
import { type PostgresPrograms, preparePrograms } from './postgres-program.ts';
import { type PostgresUser, settleUser } from './postgres-user.ts';
import { identifyProcess } from './process-identity.ts';

const NAME = 'seatlog';
const PASSWORD_BYTES = 24;
const CONNECT_TIMEOUT_MS = 2_000;
/** "The database system is starting up", and what a connection cut by a restart reports. */
const STARTING_CODES = new Set(['57P03', '57P01', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT']);
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' };

/** Starts PostgreSQL, creating its cluster the first time, and returns the URL of Seatlog's database. */
export async function startPostgres(launcher: Launcher, wantedPort: number): Promise<string> {
  const { folder } = launcher;
  const programs = preparePrograms();
  const port = await settlePort(wantedPort, 'SEATLOG_EMBEDDED_POSTGRES_PORT');
  const cluster = folder.file('postgres');
  const user = settleUser([folder.path, programs.postgres, programs.initdb, programs.share], cluster);
  const logFile = folder.file('logs', 'postgres.log');

  if (!existsSync(join(cluster, 'PG_VERSION'))) await createCluster(launcher, programs, user, logFile);
  removeMisleadingPidFile(cluster);
  const address = { host: LOOPBACK, port, user: NAME, password: readPassword(folder) };
  const settings = {
    listen_addresses: LOOPBACK,
    // Sockets would lie in /tmp, outside the data folder, where they survive a crash.
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  await keepRunning(launcher, {
    spec: {
      name: 'postgres',
      ...user.run(programs.postgres, [
        ...['-D', cluster, '-p', String(port)],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ]),
      logFile,
      environment: ENVIRONMENT,
      // Fast shutdown, then immediate: SIGTERM would wait for every client to leave.
      stop: [
        { signal: 'SIGINT', waitMs: 8_000 },
        { signal: 'SIGQUIT', waitMs: 3_000 },
      ],
    },
    isReady: () => answers(address),
  });
  await createDatabase(address);
  return `postgres://${NAME}:${address.password}@${LOOPBACK}:${port}/${NAME}`;
}

/** Made beside its final place and renamed, so that an interrupted creation never looks like a cluster. */
async function createCluster(
  launcher: Launcher,
  programs: PostgresPrograms,
  user: PostgresUser,
  logFile: string,
): Promise<void> {
  const { folder } = launcher;
  const half = folder.file('postgres.new');
  const passwordFile = folder.file('postgres-password');
  launcher.log.info('Creating the PostgreSQL cluster.');
  rmSync(half, { recursive: true, force: true });
  rmSync(folder.file('postgres'), { recursive: true, force: true });
  writeFileSync(passwordFile, randomBytes(PASSWORD_BYTES).toString('base64url'), { mode: 0o600 });
  mkdirSync(half, { mode: 0o700 });
  user.own(passwordFile);
  user.own(half);
  await runToEnd(launcher, {
    name: 'initdb',
    ...user.run(programs.initdb, [
      ...[`--pgdata=${half}`, `--username=${NAME}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      // The same order of texts on every machine, whatever locales it has.
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ]),
    logFile,
    environment: ENVIRONMENT,
    stop: [{ signal: 'SIGTERM', waitMs: 2_000 }],
  });
  renameSync(half, folder.file('postgres'));
}

function readPassword(folder: DataFolder): string {
  const file = folder.file('postgres-password');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new StoreError(`${file} cannot be read, so the database is locked: start with --fresh.`, { cause });
  }
}

/**
 * After a crash, `postmaster.pid` may name a process id that a stranger has by now, and PostgreSQL would refuse
 * to start for ever. A dead id PostgreSQL handles itself, more carefully than we could.
 */
function removeMisleadingPidFile(cluster: string): void {
  const file = join(cluster, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const garbled = !Number.isSafeInteger(pid) || pid <= 0;
  const stranger = !garbled && identifyProcess(pid) !== undefined && !commandOf(pid).includes('postgres');
  if (garbled || stranger) rmSync(file);
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Without /proc there is no safe way to tell, so the file is left to PostgreSQL.
    return 'postgres';
  }
}

type Address = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
};

async function answers(address: Address): Promise<boolean> {
  const client = await connect(address).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && STARTING_CODES.has(String(error.code))) return undefined;
    throw new StoreError('The embedded PostgreSQL refuses its own password or database.', { cause: error });
  });
  await client?.end();
  return client !== undefined;
}

async function createDatabase(address: Address): Promise<void> {
  const client = await connect(address);
  try {
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [NAME]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(NAME)}`);
  } finally {
    await client.end();
  }
}

async function connect(address: Address): Promise<pg.Client> {
  const client = new pg.Client({
    ...address,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A dropped connection surfaces in the call that needs it; unheard, this event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
