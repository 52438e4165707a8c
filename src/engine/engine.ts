/** The engine over open clients: its services, what it does by itself, and the listener that answers requests. */
import type { RequestListener } from 'node:http';
import type { Endpoint } from '../api/endpoint.ts';
import { type HealthOptions, healthEndpoints } from '../api/health.ts';
import { homeEndpoint } from '../api/home.ts';
import { createHttp } from '../api/http.ts';
import { createTokenVerifier } from '../api/identity.ts';
import { isHotOrderEndpoint } from '../api/orders/index.ts';
import { addDemoBuyer } from '../demo/buyer.ts';
import { publishDemoPrograms } from '../demo/programs.ts';
import { EventStoreError } from '../eventstore/index.ts';
import { migrate } from '../postgres/migrate.ts';
import { isPostgresUnavailable } from '../postgres/unavailable.ts';
import { createHttpMeasures } from '../telemetry/http-measures.ts';
import { engineEndpoints } from './endpoints.ts';
import { operationsOf } from './operations-seen.ts';
import { openServices, type Services, type ServicesOptions, sleep } from './services.ts';
import { startWorker, type Worker } from './worker.ts';

const SECOND_MS = 1_000;
/** How long a start waits for stores before it goes on without them. */
const PATIENCE_MS = 10 * SECOND_MS;
const RETRY_MS = SECOND_MS;

export type EngineOptions = ServicesOptions & {
  readonly version: string;
  readonly health: HealthOptions;
  /** Publish the demo programs that are not there yet. */
  readonly demo: boolean;
};

export type Engine = {
  readonly listener: RequestListener;
  /** To be called before the server closes. */
  readonly endStreams: () => void;
};

/** Resolves when the engine can be used, or after a while without the stores that are away. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { clients, config, log, releasers, version, health } = options;
  const closing = new AbortController();
  const withinPatience = createPatience();
  await releasers.add('the start', () => closing.abort());
  const migrated = persist(
    closing.signal,
    () => migrate(clients.db),
    (error) => log.warn({ err: error }, 'The tables cannot be brought up to date: trying again.'),
  );
  await withinPatience(migrated);
  const services = await openServices(options);
  let worker: Worker | undefined;
  const working = migrated.then(async (isDone) => {
    if (isDone && config.roles.includes('worker')) worker = await startWorker(services, releasers);
  });
  const demo = options.demo ? working.then(() => publishDemo(services, closing.signal)) : working;
  await withinPatience(Promise.all([demo, services.numbers.ready]));
  const everywhere = [
    homeEndpoint(version),
    ...healthEndpoints(health),
    ...operationsOf(services, () => worker),
  ];
  const endpoints = config.roles.includes('api')
    ? engineEndpoints(services, version, everywhere)
    : everywhere;
  return createListener(services, endpoints);
}

const createListener = ({ config, log, tokenKey }: Services, endpoints: readonly Endpoint[]): Engine =>
  createHttp({
    endpoints,
    isHot: isHotOrderEndpoint,
    onServed: createHttpMeasures(),
    bodyLimitBytes: config.httpBodyLimitBytes,
    limits: {
      userWritesPerSecond: config.userWritesPerSecond,
      addressWritesPerSecond: config.addressWritesPerSecond,
      trustedProxies: config.trustedProxies,
      maxInFlight: config.maxRequestsInFlight,
    },
    verifyToken: createTokenVerifier({ key: tokenKey.bytes }),
    isUnavailable: (error) => error instanceof EventStoreError || isPostgresUnavailable(error),
    logError: (error, path, correlationId) =>
      log.error({ err: error, path, correlationId }, 'A request failed.'),
  });

const publishDemo = async (services: Services, closing: AbortSignal): Promise<void> => {
  const { streams, people, nowMs, log, programDeps } = services;
  const publish = async (): Promise<void> => {
    await publishDemoPrograms(programDeps, nowMs());
    await addDemoBuyer({ account: streams.accounts.of, people, nowMs });
  };
  await persist(closing, publish, (error) =>
    log.warn({ err: error }, 'The demo programs are not published yet.'),
  );
};

/** Until it works or the engine closes; answers whether it worked. */
const persist = async (
  closing: AbortSignal,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Promise<boolean> => {
  while (!closing.aborted) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!closing.aborted) onError(error);
      await sleep(RETRY_MS, closing);
    }
  }
  return false;
};

/** One patience for the whole start, however many things are waited for. */
const createPatience = (): ((work: Promise<unknown>) => Promise<void>) => {
  const spent = AbortSignal.timeout(PATIENCE_MS);
  return async (work) => {
    const done = new AbortController();
    const either = AbortSignal.any([spent, done.signal]);
    await Promise.race([work.finally(() => done.abort()), sleep(PATIENCE_MS, either)]);
  };
};
