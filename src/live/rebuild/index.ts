/** What Redis keeps of the log and can be rebuilt from it, for whoever rebuilds, verifies and rolls back. */
import type { Rebuildable } from '../../rebuild/rebuildable.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { createGateRebuildable } from './gate.ts';
import { createOrderStatusesRebuildable } from './order-statuses.ts';

export type { RedisRebuildDeps } from './deps.ts';
export { forgetSwapInRedis, owedSwapsInRedis } from './owed.ts';

/** Throws when `lua/` is missing or contradicts itself. */
export const createRedisRebuildables = (deps: RedisRebuildDeps): readonly Rebuildable[] => [
  createGateRebuildable(deps),
  createOrderStatusesRebuildable(deps),
];
