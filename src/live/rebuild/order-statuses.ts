/**
 * The statuses of orders as something that can be thrown away. Each is one key and one whole answer: a wrong one is
 * replaced where it is, and readers see the old one or the new one. What was replaced is the version before.
 */
import { openRegistry } from '../../gate/registry.ts';
import {
  type Rebuildable,
  RebuildError,
  type RebuildOptions,
  type WorkOptions,
} from '../../rebuild/rebuildable.ts';
import { orderOfStatusKey, STATUS_TTL_MS } from '../order-statuses.ts';
import { createBuilds } from './builds.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { beforeKeyOf, mendScript } from './mending.ts';
import { confirmSwap, oweSwap } from './owed.ts';
import { rebuildOwed } from './owed-swap.ts';
import { compareStatuses, type Judged, type StatusesCompared } from './statuses-compared.ts';
import { createStatusesRead, STATUS_PLACE, type StatusesRead } from './statuses-read.ts';
import { ORDERS_AT_ONCE, rollbackStatuses } from './statuses-rollback.ts';
import { inTurn } from './turn.ts';

/** Of the code that folds it. */
const VERSION = 1;
/** What a projector has written meanwhile is judged anew, as often as this. */
const MAX_ROUNDS = 5;

/** Throws when `lua/` is missing or contradicts itself. */
export const createOrderStatusesRebuildable = (deps: RedisRebuildDeps): Rebuildable => ({
  name: STATUS_PLACE,
  store: 'redis',
  verify: (options) => inTurn(deps, STATUS_PLACE, () => verify(deps, options)),
  rebuild: (options) => inTurn(deps, STATUS_PLACE, () => rebuild(deps, options)),
  rollback: (options) => inTurn(deps, STATUS_PLACE, () => rollbackStatuses(deps, options)),
  discard: () => inTurn(deps, STATUS_PLACE, () => readIn(deps).drop()),
});

const verify = async (deps: RedisRebuildDeps, options: WorkOptions): ReturnType<Rebuildable['verify']> => {
  const compared = await compareStatuses(deps, options);
  const certificate = certificateOf(deps, compared, 'verify');
  return { differences: compared.differences.result(), certificate };
};

const readIn = ({ client, release }: RedisRebuildDeps): StatusesRead =>
  createStatusesRead(client, { version: VERSION, release });

/** Where it is interrupted or declined, what was read of the log is kept for the next one. */
const rebuild = async (
  deps: RedisRebuildDeps,
  options: RebuildOptions,
): ReturnType<Rebuildable['rebuild']> => {
  const kept = readIn(deps);
  try {
    const result = await rebuildFrom(deps, kept, options);
    if (result.outcome === 'swapped') await kept.drop();
    return result;
  } catch (error) {
    // Going on with what was read before would meet the same again.
    if (error instanceof RebuildError) await kept.drop();
    throw error;
  }
};

const rebuildFrom = async (
  deps: RedisRebuildDeps,
  kept: StatusesRead,
  options: RebuildOptions,
): ReturnType<Rebuildable['rebuild']> => {
  const compared = await compareStatuses(deps, options, kept);
  const differences = compared.differences.result();
  if (differences.count > 0 && !(await options.accept(differences))) {
    const certificate = certificateOf(deps, compared, 'rebuild');
    return { outcome: 'declined', differences, certificate, swapMs: 0 };
  }
  const builds = createBuilds(deps.client, STATUS_PLACE);
  // Where nothing is replaced, the version before stays the one before.
  const build = differences.count > 0 ? await builds.next() : await builds.live();
  const owed = rebuildOwed(deps, build, certificateOf(deps, compared, 'rebuild'));
  const { swapId } = owed.rebuilt;
  if (differences.count > 0) await oweSwap(deps.client, owed);
  const swapMs = await mendAll(deps, compared, swapId, options);
  await builds.makeLive(build, swapId);
  await confirmSwap(deps.client, owed);
  const certificate = certificateOf(deps, compared, 'rebuild');
  return { outcome: 'swapped', differences, certificate, swapMs };
};

/** How long the slowest of them took, in ms. */
const mendAll = async (
  deps: RedisRebuildDeps,
  { wrong, judge, tally, until }: StatusesCompared,
  swapId: string,
  { signal, onProgress }: WorkOptions,
): Promise<number> => {
  const { client, nowMs } = deps;
  const run = openRegistry(client);
  let longestMs = 0;
  const mend = async ({ key, seen, known }: Judged): Promise<boolean> => {
    const startedMs = nowMs();
    const orderNumber = orderOfStatusKey(key);
    // What is called like a status and is of no order: nobody reads it, and nobody wants it back.
    if (orderNumber === undefined) return (await client.unlink(key)) >= 0;
    const outcome = await run(
      mendScript,
      { order: key, before: beforeKeyOf(orderNumber) },
      { seen, value: known?.value, ttlMs: STATUS_TTL_MS, swapId },
    );
    longestMs = Math.max(longestMs, nowMs() - startedMs);
    return outcome === 'mended';
  };
  // As the log says it now, and not when people were asked.
  let left = await judge(wrong);
  for (let round = 0; round < MAX_ROUNDS && left.length > 0; round += 1) {
    const changed: string[] = [];
    for (let from = 0; from < left.length; from += ORDERS_AT_ONCE) {
      signal.throwIfAborted();
      onProgress({ phase: 'swapping', events: tally.events(), position: until, until });
      const some = left.slice(from, from + ORDERS_AT_ONCE);
      const mended = await Promise.all(some.map(mend));
      changed.push(...some.filter((_, index) => mended[index] === false).map(({ key }) => key));
    }
    left = await judge(await Promise.all(changed.map((key) => lookedAt(deps, key))));
  }
  return longestMs;
};

const lookedAt = async ({ client }: RedisRebuildDeps, key: string) => ({
  key,
  seen: (await client.get(key)) ?? undefined,
});

const certificateOf = (
  { nowMs }: RedisRebuildDeps,
  { tally, digest, differences }: StatusesCompared,
  work: 'rebuild' | 'verify',
) =>
  tally.certificate({
    ...{ projection: STATUS_PLACE, store: 'redis', work, version: VERSION },
    ...digest.result(),
    differences: differences.result().count,
    finishedAtMs: nowMs(),
  });
