/**
 * Checks one program after a rush: what the auditor finds in the log, and whether SQL, Redis and what buyers were told
 * agree with it. It opens connections of its own, because it must also work beside an engine that does not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  type Audited,
  type Balance,
  createLogAudit,
  type Log,
  readProgramLog,
  type StillAlive,
  type Stock,
} from '../../auditor/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { openEventStore } from '../../eventstore/index.ts';
import { createFindings, type Finding, type Findings } from './findings.ts';
import { type Acknowledged, judgeAcknowledged } from './judge.ts';
import { compareCounters, isSettled, type RedisClient, readCounters } from './redis.ts';
import { compareOrders, compareStock, laggards, type SqlClient } from './sql.ts';

export { type Finding, promises } from './findings.ts';
export type { Acknowledged } from './judge.ts';

const SECOND_MS = 1_000;
const GRACE_MS = 10 * SECOND_MS;
const CATCH_UP_MS = 60 * SECOND_MS;
const POLL_MS = 250;
/**
 * A program that is sold from while it is checked is read again, so that log and read models are of one
 * time.
 */
const MAX_READINGS = 3;

export type CheckOptions = {
  readonly eventStoreUrl: string;
  readonly postgresUrl: string;
  readonly redisUrl: string;
  readonly programId: ProgramId;
  /** Everything that a buyer was told; read once for each reading of the log. */
  readonly acknowledged: Iterable<Acknowledged>;
  /** How long past its deadline something may still be alive; 10 s unless given. */
  readonly graceMs?: number;
  /** Longest wait for the read models to see all of the log; 60 s unless given. */
  readonly catchUpMs?: number;
};

export type CheckReport = {
  readonly programId: ProgramId;
  readonly ok: boolean;
  /** In the order of `promises`. */
  readonly findings: readonly Finding[];
  readonly events: number;
  readonly orders: number;
  readonly acknowledged: number;
  readonly alive: Pick<StillAlive, 'orders' | 'holds'>;
  readonly balance: Balance;
  readonly stock: readonly Stock[];
};

export type CheckStores = { readonly log: Log; readonly sql: SqlClient; readonly redis: RedisClient };

/** Opens the stores, checks, closes them. Rejects when a store does not answer or an event cannot be read. */
export async function runCheck(options: CheckOptions): Promise<CheckReport> {
  const log = openEventStore({ connectionString: options.eventStoreUrl });
  const sql = new pg.Client({
    connectionString: options.postgresUrl,
    connectionTimeoutMillis: 5 * SECOND_MS,
  });
  const redis = new Redis(options.redisUrl, {
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    retryStrategy: null,
  });
  // Errors surface in the call that meets them; unheard, these events would end the process.
  for (const client of [sql, redis]) client.on('error', () => undefined);
  try {
    await Promise.all([sql.connect(), redis.connect()]);
    return await checkProgram({ log, sql, redis }, options);
  } finally {
    redis.disconnect();
    await sql.end();
    await log.close();
  }
}

/** As `runCheck`, over stores that are open. */
export async function checkProgram(
  stores: CheckStores,
  options: Omit<CheckOptions, 'eventStoreUrl' | 'postgresUrl' | 'redisUrl'>,
): Promise<CheckReport> {
  const { programId, acknowledged, graceMs = GRACE_MS, catchUpMs = CATCH_UP_MS } = options;
  for (let reading = 1; ; reading += 1) {
    const log = createLogAudit({ only: programId });
    let position = -1n;
    await readProgramLog(stores.log, programId, {
      onEvent: (event) => {
        if (log.take(event)) position = event.position;
      },
    });
    const whole = log.close(Date.now() - graceMs);
    const [audited] = whole.programs;
    if (audited?.terms === undefined) throw new Error(`The log has no sale of program ${programId}.`);
    const findings = createFindings(whole);
    const count = judgeAcknowledged(audited, acknowledged, findings);
    await judgeReadModels(stores, { programId, position, catchUpMs }, audited, findings);
    if (reading < MAX_READINGS && (await hasGrown(stores.log, programId, position))) continue;
    const all = findings.all();
    return {
      ...{ programId, findings: all, ok: all.every(({ ok }) => ok), acknowledged: count },
      ...{ events: audited.events, orders: audited.orders.size, alive: audited.alive },
      ...{ balance: audited.balance, stock: audited.stock },
    };
  }
}

type Until = { readonly programId: ProgramId; readonly position: bigint; readonly catchUpMs: number };

async function judgeReadModels(
  { sql, redis }: CheckStores,
  { programId, position, catchUpMs }: Until,
  audited: Audited,
  findings: Findings,
): Promise<void> {
  const late = await patiently(
    catchUpMs,
    () => laggards(sql, position),
    (names) => names.length === 0,
  );
  for (const name of late) findings.broken('read_models', name);
  await compareOrders(sql, programId, audited, findings);
  await compareStock(sql, programId, audited, findings);
  const counters = await patiently(
    catchUpMs,
    () => readCounters(redis, programId),
    (counted) => isSettled(counted, audited),
  );
  compareCounters(counters, audited, findings);
}

/** Looks until it is as it should be or the time is over, and returns what was seen last. */
async function patiently<Seen>(
  limitMs: number,
  look: () => Promise<Seen>,
  isGood: (seen: Seen) => boolean,
): Promise<Seen> {
  const untilMs = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (isGood(seen) || performance.now() >= untilMs) return seen;
    await delay(POLL_MS);
  }
}

async function hasGrown(log: Log, programId: ProgramId, position: bigint): Promise<boolean> {
  const audit = createLogAudit({ only: programId });
  let grown = false;
  await readProgramLog(log, programId, {
    onEvent: (event) => {
      grown ||= audit.take(event) && event.position > position;
    },
  });
  return grown;
}
