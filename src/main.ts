/**
 * The composition root: configuration, then resources, then the application, then signals. Nothing else reads
 * the environment or builds clients, so reading this file tells what an engine consists of.
 */
import { fileURLToPath } from 'node:url';
import { checkStores, type Probe } from './api/health.ts';
import { listen } from './api/server.ts';
import {
  type Config,
  ConfigError,
  type Environment,
  maskPasswords,
  paymentProviderOf,
  readConfig,
} from './config.ts';
import { StoreError, type StoreUrls, settlePort, startStores } from './embedded/index.ts';
import { openEngine } from './engine/engine.ts';
import type { Clients } from './engine/services.ts';
import { openEventStore } from './eventstore/index.ts';
import { createReleasers, endOnSignals, type Releasers } from './lifecycle.ts';
import { openPostgres } from './postgres/pool.ts';
import { openRedis } from './redis.ts';
import { openSecrets } from './secrets.ts';
import { createLogger, type Logger } from './telemetry/log.ts';
import { readVersion } from './version.ts';
import { orderLines, storesWelcome, welcome } from './welcome.ts';

const WRONG_ENVIRONMENT_EXIT_CODE = 2;
/** The share of the shutdown's time that running requests get; the stores need the rest. */
const REQUESTS_SHARE = 0.25;
const FIRST_CONTACT_TIMEOUT_MS = 6_000;
const PROGRAMS = {
  guard: fileURLToPath(new URL('./embedded/guard-process.js', import.meta.url)),
  seatlog: fileURLToPath(new URL('./cli/seatlog.js', import.meta.url)),
};

export type EngineOptions = { readonly environment: Environment; readonly fresh: boolean };

/** Runs the engine until a signal ends it. Exits 2 for a wrong environment, 1 when it cannot start or go on. */
export const runEngine = (options: EngineOptions): Promise<void> => run(options, start);

/** Runs the embedded stores alone; ends and exits as the engine does. */
export const runStores = (options: EngineOptions): Promise<void> => run(options, startOnlyStores);

async function run({ environment, fresh }: EngineOptions, begin: (start: Start) => Promise<void>) {
  const config = readConfigOrExit(environment);
  const log = createLogger({ level: config.logLevel, mask: maskPasswords });
  const releasers = createReleasers();
  const { end } = endOnSignals({
    releasers,
    graceMs: config.shutdownGraceMs,
    log: (message, error) => (error === undefined ? log.info(message) : log.error({ err: error }, message)),
  });
  const fail = (message: string) => (error: unknown) => {
    // Meant for a person, who can do something about it: one sentence, and no stack around it.
    if (error instanceof StoreError || error instanceof ConfigError) console.error(error.message);
    else log.fatal({ err: error }, message);
    end(error instanceof ConfigError ? WRONG_ENVIRONMENT_EXIT_CODE : 1);
  };
  process.on('uncaughtException', fail('Uncaught error.'));
  process.on('unhandledRejection', fail('Unhandled rejection.'));

  try {
    await begin({ config, log, releasers, fresh, onLost: fail('An embedded store is lost.') });
  } catch (error) {
    // A start that a signal interrupts fails because its resources are being closed: that is no error.
    if (!releasers.closing || error instanceof StoreError) fail('The engine cannot start.')(error);
  }
}

function readConfigOrExit(environment: Environment): Config {
  try {
    return readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    return process.exit(WRONG_ENVIRONMENT_EXIT_CODE);
  }
}

type Start = {
  readonly config: Config;
  readonly log: Logger;
  readonly releasers: Releasers;
  readonly fresh: boolean;
  readonly onLost: (error: Error) => void;
};

async function start({ config, log, releasers, fresh, onLost }: Start): Promise<void> {
  const { httpHost } = config;
  const paymentProvider = paymentProviderOf(config);
  // Looked at first: nobody wants to wait for three stores to learn that the port is taken.
  const httpPort = await settlePort(config.httpPort, 'SEATLOG_HTTP_PORT', httpHost);
  const urls = await startStores({ config, releasers, log, programs: PROGRAMS, fresh, onLost });
  const secrets = openSecrets(config, urls.dataFolder);
  const { clients, probes } = await openStores(config, urls, log, releasers);
  await makeContact(probes, log);
  const demo = config.demo === 'on' && isAllEmbedded(config);
  const own = `http://${reachable(httpHost)}:${httpPort}`;
  const engine = await openEngine({
    config,
    paymentProvider,
    secrets,
    clients,
    urls: { own, public: config.publicUrl ?? own },
    eventStoreUrl: urls.eventStoreUrl,
    log,
    releasers,
    version: readVersion(),
    health: { probes, timeoutMs: config.readinessTimeoutMs },
    demo,
  });
  const server = await listen(engine.listener, httpHost, httpPort);
  await releasers.add('the HTTP server', () => {
    engine.endStreams();
    return server.close(config.shutdownGraceMs * REQUESTS_SHARE);
  });
  log.info({ port: server.port }, 'The engine is ready.');
  const address = `http://${reachable(httpHost)}:${server.port}`;
  console.log(welcome(address, urls));
  if (demo) console.log(orderLines(address, config));
}

async function startOnlyStores({ config, log, releasers, fresh, onLost }: Start): Promise<void> {
  const urls = await startStores({ config, releasers, log, programs: PROGRAMS, fresh, onLost });
  console.log(storesWelcome(urls));
}

/** Opens one client per store, with how to ask each for a sign of life. */
async function openStores(
  config: Config,
  urls: StoreUrls,
  log: Logger,
  releasers: Releasers,
): Promise<{ readonly clients: Clients; readonly probes: readonly Probe[] }> {
  const onError = (store: string) => (error: Error) =>
    log.warn({ store, err: error }, 'A store has trouble.');
  const postgres = openPostgres({
    url: urls.postgresUrl,
    max: config.postgresPoolMax,
    onError: onError('postgres'),
  });
  await releasers.add('the PostgreSQL pool', postgres.close);
  const redis = openRedis(urls.redisUrl, onError('redis'));
  await releasers.add('the Redis client', redis.close);
  const eventStore = openEventStore({ connectionString: urls.eventStoreUrl });
  await releasers.add('the event store client', eventStore.close);
  const probes = [
    { name: 'eventstore', check: eventStore.ping },
    { name: 'postgres', check: postgres.ping },
    { name: 'redis', check: redis.ping },
  ];
  return { clients: { eventStore, db: postgres.db, redis: redis.client }, probes };
}

const isAllEmbedded = ({ postgresUrl, redisUrl, eventStoreUrl }: Config): boolean =>
  postgresUrl === undefined && redisUrl === undefined && eventStoreUrl === undefined;

/** So that "ready" means ready. A store that is away does not stop the engine: it may come back at any time. */
async function makeContact(probes: readonly Probe[], log: Logger): Promise<void> {
  const stores = await checkStores({ probes, timeoutMs: FIRST_CONTACT_TIMEOUT_MS });
  for (const [store, { state, reason }] of Object.entries(stores)) {
    if (state === 'down') log.warn({ store, reason }, 'A store does not answer: starting without it.');
  }
}

/** Listening on every address is no address to call. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
};
