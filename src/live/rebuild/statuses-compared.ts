/**
 * Order statuses in Redis against the log: at the position up to which the projector says it has come, so that nobody
 * complains of what is only on its way. What Redis has beyond that is looked up in the rest of the log.
 */
import type { OrderNumber } from '../../domain/shared/ids.ts';
import { endOfLog, readLog } from '../../rebuild/log-pages.ts';
import type { Difference, WorkOptions } from '../../rebuild/rebuildable.ts';
import type { Tally } from '../../rebuild/tally.ts';
import { readGateReport } from '../gate-reports.ts';
import {
  ANY_STATUS,
  orderOfStatusKey,
  parseStatus,
  revisionOfStatus,
  STATUS_TTL_MS,
  statusKeyOf,
} from '../order-statuses.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { type Collected, collectDifferences } from './differences.ts';
import { createDigest, type Digest } from './digest.ts';
import { keysOf } from './keys-of.ts';
import { createStatusWindow, type KnownOrder, type StatusWindow } from './status-window.ts';
import { readStatuses, STATUS_PLACE, type StatusesRead } from './statuses-read.ts';

/** How long ago an order may have begun that is missed where it is not there. */
const ORDERS_OF_MS = 24 * STATUS_TTL_MS;
/** The clocks of the event store and of Redis are not one. */
const CLOCKS_MS = 30_000;
const ORDERS_PER_READ = 500;

/** A key of Redis that is not what the log says. */
export type WrongStatus = { readonly key: string; readonly seen: string | undefined };

export type StatusesCompared = {
  readonly tally: Tally;
  readonly until: bigint;
  readonly digest: Digest;
  readonly differences: Collected;
  readonly wrong: readonly WrongStatus[];
  /** Reads the rest of the log, and answers which of these are still wrong, and what each is to be. */
  readonly judge: (wrong: readonly WrongStatus[]) => Promise<readonly Judged[]>;
};

/** `known` is what the log says of the order last; undefined where it says nothing. */
export type Judged = WrongStatus & { readonly known: KnownOrder | undefined };

/** Goes on where `kept` says that the log was read up to. Rejects as Redis and the log do, and as `readLog`. */
export const compareStatuses = async (
  deps: RedisRebuildDeps,
  options: WorkOptions,
  kept?: StatusesRead,
): Promise<StatusesCompared> => {
  const { client, store, nowMs } = deps;
  const { keys, watched } = await keysThereAre(deps);
  const said = (await readGateReport(client))?.position;
  const end = await endOfLog(store);
  const until = said === undefined || said > end ? end : said;
  const sought = new Map<OrderNumber, string>();
  const window = createStatusWindow({
    watched,
    sinceMs: nowMs() - ORDERS_OF_MS,
    onChange: (orderNumber, { value }) => {
      if (sought.get(orderNumber) === value) sought.delete(orderNumber);
    },
  });
  const tally = await readStatuses(deps, { window, watched, until, kept }, options);
  const digest = digestOf(window, nowMs());
  const judge = createJudge(deps, window, sought, tally.position(), options.signal);
  const differences = collectDifferences();
  const wrong = await judge(await suspectsOf(deps, window, keys, options));
  differences.add(wrong.map(differenceOf), wrong.length);
  return { tally, until, digest, differences, wrong, judge };
};

const keysThereAre = async ({ client }: RedisRebuildDeps) => {
  const keys = new Set<string>();
  const watched = new Set<OrderNumber>();
  for await (const some of keysOf(client, ANY_STATUS)) {
    for (const key of some) {
      keys.add(key);
      const orderNumber = orderOfStatusKey(key);
      if (orderNumber !== undefined) watched.add(orderNumber);
    }
  }
  return { keys, watched };
};

/** Those that differ from what the log says at the position that was read. */
const suspectsOf = async (
  { client, nowMs }: RedisRebuildDeps,
  window: StatusWindow,
  keys: ReadonlySet<string>,
  { signal }: WorkOptions,
): Promise<WrongStatus[]> => {
  const all = new Set(keys);
  for (const [orderNumber, known] of window.orders()) {
    if (isToBeThere(known, nowMs())) all.add(statusKeyOf(orderNumber));
  }
  const suspects: WrongStatus[] = [];
  const look = async (key: string): Promise<void> => {
    const seen = (await client.get(key)) ?? undefined;
    const orderNumber = orderOfStatusKey(key);
    const known = orderNumber && window.get(orderNumber);
    if (isWrong(seen, known, nowMs())) suspects.push({ key, seen });
  };
  const waiting = [...all];
  for (let from = 0; from < waiting.length; from += ORDERS_PER_READ) {
    signal.throwIfAborted();
    await Promise.all(waiting.slice(from, from + ORDERS_PER_READ).map(look));
  }
  return suspects;
};

const isWrong = (seen: string | undefined, known: KnownOrder | undefined, nowMs: number): boolean =>
  seen === undefined ? isToBeThere(known, nowMs) : seen !== known?.value;

/** Redis forgets what did not change for an hour. */
const isToBeThere = (known: KnownOrder | undefined, nowMs: number): boolean =>
  known !== undefined && known.atMs > nowMs - STATUS_TTL_MS + CLOCKS_MS;

/** What Redis says of a later revision than was read is true where the rest of the log says the same. */
const createJudge = (
  { store, client, nowMs }: RedisRebuildDeps,
  window: StatusWindow,
  sought: Map<OrderNumber, string>,
  from: bigint,
  signal: AbortSignal,
): StatusesCompared['judge'] => {
  let after = from;
  return async (suspects) => {
    sought.clear();
    for (const { key, seen } of suspects) {
      const orderNumber = orderOfStatusKey(key);
      if (orderNumber === undefined || seen === undefined) continue;
      const known = window.get(orderNumber);
      const revision = revisionOfStatus(seen);
      const isLater = known === undefined || (revision !== undefined && revision > known.revision);
      if (isLater) sought.set(orderNumber, seen);
    }
    const mayBeTrue = new Set(sought.keys());
    for await (const page of readLog(store, { after, until: await endOfLog(store), signal })) {
      for (const event of page.events) window.take(event);
      after = page.position;
    }
    const judged: Judged[] = [];
    for (const { key, seen } of suspects) {
      const orderNumber = orderOfStatusKey(key);
      const isTrue = orderNumber !== undefined && mayBeTrue.has(orderNumber) && !sought.has(orderNumber);
      if (isTrue) continue;
      // One that has ended meanwhile by its time to live is not missed.
      if (seen !== undefined && (await client.exists(key)) === 0) continue;
      const known = orderNumber && window.get(orderNumber);
      if (isWrong(seen, known, nowMs())) judged.push({ key, seen, known });
    }
    return judged;
  };
};

const differenceOf = ({ key, seen, known }: Judged): Difference => ({
  place: STATUS_PLACE,
  key: orderOfStatusKey(key) ?? key,
  live: shown(seen),
  expected: shown(known?.value),
  positions: known?.positions ?? [],
});

/** As JSON; what is no status, as it is. */
const shown = (value: string | undefined): unknown => {
  if (value === undefined) return null;
  const revision = revisionOfStatus(value);
  const status = parseStatus(value);
  return status === undefined || revision === undefined ? value : { revision: Number(revision), ...status };
};

const digestOf = (window: StatusWindow, nowMs: number): Digest => {
  const digest = createDigest([STATUS_PLACE]);
  for (const [orderNumber, known] of window.orders()) {
    if (isToBeThere(known, nowMs)) digest.add(STATUS_PLACE, `${orderNumber} ${known.value}`);
  }
  return digest;
};
