/**
 * Versions of a program's counters beside the live one: the next one, which a rebuild fills; the one before, for going
 * back; and copies, since what is live can be read as a whole only in one step, and that step must be short. All of them
 * end by themselves when nobody takes them further.
 */
import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import type { ProgramId } from '../domain/shared/ids.ts';
import { within } from './caution.ts';
import { type GateKeys, gateKeys, gateKeysOf } from './keys.ts';
import type { RefillOutcome, SettleOutcome } from './outcomes.ts';
import { type Refill, refill } from './refill.ts';
import { openRegistry, type RunScript } from './registry.ts';
import { type Effect, settle } from './settle.ts';
import { copyScript, type SwapArgs, type SwapOutcome, swapScript } from './version-scripts.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const TIMEOUT_MS = 5 * SECOND_MS;
/** What is left of an interrupted rebuild, or of a copy, is gone after this. */
const WORKING_TTL_MS = HOUR_MS;
/** How long one can go back. */
export const PREVIOUS_TTL_MS = 7 * 24 * HOUR_MS;
const BUYERS_PER_READ = 1_000;
const REQUESTS_PER_READ = 500;
/** `buyers` has it beside the buyers: see `lua/includes/whole.lua`. */
const MARK = '#';

export type VersionsClient = Redis | Cluster;

/** What a version said at one revision of its sale; counts are as they are written, right or wrong. */
export type GateCopy = {
  readonly revision: bigint;
  readonly limit: string;
  /** Projected free places of all buckets, by category; those that are spread over buckets, and no others. */
  readonly projected: ReadonlyMap<number, number>;
  readonly seats: Uint8Array;
  /** Name and places, as in `nameOf`; may name one twice. */
  readonly buyers: AsyncIterable<readonly (readonly [string, string])[]>;
  /** To be called when it was read. */
  readonly drop: () => Promise<void>;
};

/** All reject when Redis fails or is late, and may be repeated. */
export type GateVersions = {
  /** The live version as it is at this moment; undefined where there is none. */
  readonly copyLive: (programId: ProgramId) => Promise<GateCopy | undefined>;
  readonly fillNext: (state: Refill) => Promise<RefillOutcome>;
  /** Makes a copy of the version before the next one; answers its revision, or undefined where there is none. */
  readonly previousAsNext: (programId: ProgramId) => Promise<bigint | undefined>;
  readonly settleNext: (programId: ProgramId, effects: readonly Effect[]) => Promise<SettleOutcome>;
  readonly dropNext: (programId: ProgramId) => Promise<void>;
  readonly swap: (
    programId: ProgramId,
    change: Pick<SwapArgs, 'foreign' | 'swapId' | 'requests'>,
  ) => Promise<SwapOutcome>;
  /** Which of these requests the live version does not know. */
  readonly unansweredOf: (programId: ProgramId, requests: readonly string[]) => Promise<string[]>;
};

/** Throws when `lua/` is missing or contradicts itself. */
export const createGateVersions = (client: VersionsClient, nowMs: () => number): GateVersions => {
  const run = openRegistry(client);
  const runWithin: RunScript = (script, keys, args) => within(TIMEOUT_MS, () => run(script, keys, args));
  const copy = (from: GateKeys, to: GateKeys): Promise<bigint | undefined> =>
    runWithin(
      copyScript,
      { ...from, copiedStock: to.stock, copiedBuyers: to.buyers, copiedSeats: to.seats },
      { ttlMs: WORKING_TTL_MS },
    );
  return {
    copyLive: async (programId) => {
      const keys = gateKeysOf(programId, `copy-${randomUUID()}`);
      const revision = await copy(gateKeys(programId), keys);
      return revision === undefined ? undefined : readCopy(client, keys, revision);
    },
    fillNext: (state) => {
      const keys = gateKeysOf(state.programId, 'next');
      return refill(runWithin, state, nowMs(), { keys, ttlMs: WORKING_TTL_MS });
    },
    previousAsNext: (programId) => copy(gateKeysOf(programId, 'previous'), gateKeysOf(programId, 'next')),
    settleNext: (programId, effects) => settle(runWithin, gateKeysOf(programId, 'next'), effects, nowMs()),
    dropNext: (programId) => drop(client, gateKeysOf(programId, 'next')),
    swap: (programId, { foreign, swapId, requests }) =>
      runWithin(swapScript, swapKeys(programId), {
        ...{ nowMs: nowMs(), previousTtlMs: PREVIOUS_TTL_MS, foreign, swapId, requests },
      }),
    unansweredOf: async (programId, requests) => {
      const { requests: key } = gateKeys(programId);
      const unanswered: string[] = [];
      for (let from = 0; from < requests.length; from += REQUESTS_PER_READ) {
        const some = requests.slice(from, from + REQUESTS_PER_READ);
        const scores = await within(TIMEOUT_MS, () => client.zmscore(key, some));
        unanswered.push(...some.filter((_, index) => (scores[index] ?? null) === null));
      }
      return unanswered;
    },
  };
};

const swapKeys = (programId: ProgramId) => {
  const next = gateKeysOf(programId, 'next');
  const previous = gateKeysOf(programId, 'previous');
  return {
    ...gateKeys(programId),
    ...{ nextStock: next.stock, nextBuyers: next.buyers, nextSeats: next.seats },
    ...{ previousStock: previous.stock, previousBuyers: previous.buyers, previousSeats: previous.seats },
  };
};

const drop = async (client: VersionsClient, { stock, buyers, seats }: GateKeys): Promise<void> => {
  await within(TIMEOUT_MS, () => client.unlink(stock, buyers, seats));
};

const readCopy = async (client: VersionsClient, keys: GateKeys, revision: bigint): Promise<GateCopy> => {
  const [stock, seats] = await within(TIMEOUT_MS, () =>
    Promise.all([client.hgetall(keys.stock), client.getBuffer(keys.seats)]),
  );
  return {
    revision,
    limit: stock['limit'] ?? '',
    projected: projectedOf(stock),
    seats: seats ?? new Uint8Array(),
    buyers: buyersOf(client, keys.buyers),
    drop: () => drop(client, keys),
  };
};

/** Of a bucket that its category does not have, nobody gets a place. */
const projectedOf = (stock: Readonly<Record<string, string>>): Map<number, number> => {
  const projected = new Map<number, number>();
  for (const [field, value] of Object.entries(stock)) {
    const [, category] = /^buckets:(\d+)$/.exec(field) ?? [];
    if (category === undefined) continue;
    let sum = 0;
    for (let bucket = 0; bucket < Number(value); bucket += 1)
      sum += Number(stock[`${category}:${bucket}`] ?? 0);
    projected.set(Number(category), sum);
  }
  return projected;
};

/** Nobody changes a copy, so a scan meets everything in it. */
async function* buyersOf(
  client: VersionsClient,
  key: string,
): AsyncGenerator<readonly (readonly [string, string])[]> {
  let cursor = '0';
  do {
    const [next, flat] = await within(TIMEOUT_MS, () => client.hscan(key, cursor, 'COUNT', BUYERS_PER_READ));
    cursor = next;
    const pairs: [string, string][] = [];
    for (let index = 0; index < flat.length; index += 2) {
      const [name = '', places = ''] = flat.slice(index, index + 2);
      if (name !== MARK) pairs.push([name, places]);
    }
    yield pairs;
  } while (cursor !== '0');
}
