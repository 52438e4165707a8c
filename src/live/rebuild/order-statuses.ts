/**
 * The statuses of orders as something that can be thrown away. Each is one key and one whole answer, so that there are no
 * versions of them: a wrong one is replaced where it is, and readers see the old one or the new one.
 */
import { openRegistry } from '../../gate/registry.ts';
import {
  type Rebuildable,
  RebuildError,
  type RebuildOptions,
  type WorkOptions,
} from '../../rebuild/rebuildable.ts';
import { STATUS_TTL_MS } from '../order-statuses.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { mendScript } from './mending.ts';
import { confirmSwap, oweSwap } from './owed.ts';
import { rebuildOwed } from './owed-swap.ts';
import { compareStatuses, type Judged, STATUS_PLACE, type StatusesCompared } from './statuses-compared.ts';
import { inTurn } from './turn.ts';

/** Of the code that folds it. */
const VERSION = 1;
const ORDERS_AT_ONCE = 100;
/** What a projector has written meanwhile is judged anew, as often as this. */
const MAX_ROUNDS = 5;

/** Throws when `lua/` is missing or contradicts itself. */
export const createOrderStatusesRebuildable = (deps: RedisRebuildDeps): Rebuildable => ({
  name: STATUS_PLACE,
  store: 'redis',
  verify: (options) => inTurn(deps, STATUS_PLACE, () => verify(deps, options)),
  rebuild: (options) => inTurn(deps, STATUS_PLACE, () => rebuild(deps, options)),
  rollback: () =>
    Promise.reject(
      new RebuildError(
        'no_earlier_version',
        'Order statuses are mended one by one where they are, and no earlier version of them is kept.',
      ),
    ),
});

const verify = async (deps: RedisRebuildDeps, options: WorkOptions): ReturnType<Rebuildable['verify']> => {
  const compared = await compareStatuses(deps, options);
  const certificate = certificateOf(deps, compared, 'verify');
  return { differences: compared.differences.result(), certificate };
};

const rebuild = async (
  deps: RedisRebuildDeps,
  options: RebuildOptions,
): ReturnType<Rebuildable['rebuild']> => {
  const compared = await compareStatuses(deps, options);
  const differences = compared.differences.result();
  if (differences.count > 0 && !(await options.accept(differences))) {
    const certificate = certificateOf(deps, compared, 'rebuild');
    return { outcome: 'declined', differences, certificate, swapMs: 0 };
  }
  const owed = rebuildOwed(deps, null, certificateOf(deps, compared, 'rebuild'));
  if (differences.count > 0) await oweSwap(deps.client, owed);
  const swapMs = await mendAll(deps, compared, options);
  await confirmSwap(deps.client, owed);
  const certificate = certificateOf(deps, compared, 'rebuild');
  return { outcome: 'swapped', differences, certificate, swapMs };
};

/** How long the slowest of them took, in ms. */
const mendAll = async (
  deps: RedisRebuildDeps,
  { wrong, judge, tally, until }: StatusesCompared,
  { signal, onProgress }: WorkOptions,
): Promise<number> => {
  const { client, nowMs } = deps;
  const run = openRegistry(client);
  let longestMs = 0;
  const mend = async ({ key, seen, known }: Judged): Promise<boolean> => {
    const startedMs = nowMs();
    const outcome = await run(
      mendScript,
      { order: key },
      { seen, value: known?.value, ttlMs: STATUS_TTL_MS },
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
