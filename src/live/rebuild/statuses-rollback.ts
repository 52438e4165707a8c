/**
 * The way back to the order statuses that the last swap has replaced, one by one. One that was interrupted is finished by
 * the next; an order that has changed since says what the log says.
 */
import type { OrderNumber } from '../../domain/shared/ids.ts';
import { openRegistry } from '../../gate/registry.ts';
import { endOfLog } from '../../rebuild/log-pages.ts';
import { type Rebuildable, RebuildError, type WorkOptions } from '../../rebuild/rebuildable.ts';
import { statusKeyOf } from '../order-statuses.ts';
import { type BegunRollback, createBuilds, isToComeBack } from './builds.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { keysOf } from './keys-of.ts';
import { ANY_BEFORE, beforeKeyOf, orderOfBeforeKey, restoreScript, swapOfBefore } from './mending.ts';
import { confirmSwap, oweSwap } from './owed.ts';
import { rollbackOwed } from './owed-swap.ts';
import { STATUS_PLACE } from './statuses-read.ts';

export const ORDERS_AT_ONCE = 100;

/** Rejects with `no_earlier_version`, with the signal's reason, and as Redis and the log do. */
export const rollbackStatuses = async (
  deps: RedisRebuildDeps,
  { signal, onProgress }: WorkOptions,
): ReturnType<Rebuildable['rollback']> => {
  const { client, nowMs } = deps;
  const builds = createBuilds(client, STATUS_PLACE);
  const begun = await builds.beginRollback();
  const { build, swapId } = begun;
  const { waiting, back } = await ordersOf(deps, begun);
  if (waiting.size + back === 0) {
    await builds.endRollback();
    throw new RebuildError(
      'no_earlier_version',
      'No earlier version of order statuses is kept: a rebuild keeps what it replaces, for an hour.',
    );
  }
  const position = await endOfLog(deps.store);
  const owed = rollbackOwed(deps, STATUS_PLACE, begun, position);
  await oweSwap(client, owed);
  const run = openRegistry(client);
  let longestMs = 0;
  const restore = async ([orderNumber, undoes]: readonly [OrderNumber, string]): Promise<void> => {
    const startedMs = nowMs();
    const keys = { order: statusKeyOf(orderNumber), before: beforeKeyOf(orderNumber) };
    await run(restoreScript, keys, { undoes, swapId });
    longestMs = Math.max(longestMs, nowMs() - startedMs);
  };
  const orders = [...waiting];
  for (let from = 0; from < orders.length; from += ORDERS_AT_ONCE) {
    signal.throwIfAborted();
    onProgress({ phase: 'swapping', events: 0, position, until: position });
    await Promise.all(orders.slice(from, from + ORDERS_AT_ONCE).map(restore));
  }
  await builds.makeLive(build, swapId);
  await confirmSwap(client, owed);
  await builds.endRollback();
  return { build, position, swapMs: longestMs };
};

/** Which orders still have to come back, with the swap that has replaced each, and how many have. */
const ordersOf = async ({ client }: RedisRebuildDeps, begun: BegunRollback) => {
  const waiting = new Map<OrderNumber, string>();
  const back = new Set<OrderNumber>();
  const look = async (key: string): Promise<void> => {
    const orderNumber = orderOfBeforeKey(key);
    const replacedBy = await swapOfBefore(client, key);
    if (orderNumber === undefined || replacedBy === null) return;
    if (isToComeBack(begun, replacedBy)) waiting.set(orderNumber, replacedBy);
    else if (replacedBy === begun.swapId) back.add(orderNumber);
  };
  for await (const keys of keysOf(client, ANY_BEFORE)) await Promise.all(keys.map(look));
  return { waiting, back: back.size };
};
