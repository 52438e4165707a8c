/** An operator’s desk: an engine that works on stores of its own, after a small rush, and the commands beside it. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect } from 'vitest';
import { z } from 'zod';
import { createCodec, defineEvent, type EventStore, openEventStore } from '../../../src/eventstore/index.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { openPostgres, type Postgres } from '../../../src/postgres/pool.ts';
import { type Certificate, certificateSchema } from '../../../src/rebuild/certificate.ts';
import { type Environment, runSeatlog, temporaryFolder } from '../../support/engine.ts';
import { engineBeside, randomKeys } from '../../support/engine-beside.ts';
import { eventsIn } from '../../support/selling.ts';
import { useStores } from '../../support/stores.ts';

export const CODES = { ok: 0, bad: 1, usage: 2, notRun: 3, interrupted: 130 };
const NOISE_BATCH_EVENTS = 2_000;

type Opened = {
  readonly folder: string;
  readonly store: EventStore;
  readonly postgres: Postgres;
  readonly redis: Redis;
};

/** Call it once at the top of a test file; all but `settings` may be used inside hooks and tests. */
export function useOperator(crowd: readonly string[]) {
  const stores = useStores();
  const keys = randomKeys();
  const closing: (() => unknown)[] = [];
  let open: Opened | undefined;
  const opened = (): Opened => {
    if (open === undefined) throw new Error('The engine of this file has not been started yet.');
    return open;
  };
  const settings = (): Environment => ({
    ...keys.settings,
    SEATLOG_DATA_DIR: opened().folder,
    SEATLOG_POSTGRES_URL: stores.postgresUrl,
    SEATLOG_REDIS_URL: stores.redisUrl,
    SEATLOG_EVENTSTORE_URL: stores.eventStoreUrl,
  });

  beforeAll(async () => {
    const folder = await temporaryFolder();
    closing.push(() => folder.remove());
    const engine = await engineBeside(stores, keys, { SEATLOG_LOG_LEVEL: 'fatal' });
    closing.push(() => engine.stop());
    await engine.start();
    const store = openEventStore({ connectionString: stores.eventStoreUrl });
    closing.push(() => store.close());
    const postgres = openPostgres({ url: stores.postgresUrl, max: 2, onError: () => undefined });
    closing.push(() => postgres.close());
    const redis = new Redis(stores.redisUrl);
    closing.push(() => redis.disconnect());
    open = { folder: folder.path, store, postgres, redis };
    const rush = runSeatlog(['rush', '--url', engine.url, ...crowd, '--skip-check'], settings());
    expect(await rush.exited, rush.output()).toMatchObject({ code: CODES.ok });
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  return {
    settings,
    get folder() {
      return opened().folder;
    },
    get db() {
      return opened().postgres.db;
    },
    get redis() {
      return opened().redis;
    },
    /** Events of a type that the engine need not know, in a new stream. */
    append: (type: string, stream: string, count: number, data: unknown) =>
      append(opened().store, type, stream, count, data),
    decisionsOf: (name: string) => eventsIn(opened().store, `Projection-${name}`),
  };
}

const append = async (
  store: EventStore,
  type: string,
  stream: string,
  count: number,
  data: unknown,
): Promise<void> => {
  const log = createStreamLog(store, createCodec([defineEvent({ type, version: 1, schema: z.unknown() })]));
  const cause = { commandId: randomUUID(), correlationId: 'test', actor: 'test' };
  for (let done = 0; done < count; done += NOISE_BATCH_EVENTS) {
    const events = Array.from({ length: Math.min(count - done, NOISE_BATCH_EVENTS) }, () => ({ type, data }));
    const expected = done === 0 ? 'no_stream' : BigInt(done - 1);
    await log.append(stream, expected, log.encode(stream, events, cause, `${cause.commandId} ${done}`));
  }
};

/** The one that a command says it has written. */
export const certificateIn = (output: string): Certificate => {
  const [, path = ''] = /certificate (\S+\.json), digest/.exec(output) ?? [];
  return certificateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
};
