/** Writes into the log what was swapped, once it is: which build, at which position, and what it is vouched for with. */
import type { CommandContext } from '../../commands/ports.ts';
import { recordSwap } from '../../commands/record-swap.ts';
import { logPositionSchema, projectionNameSchema } from '../../domain/projection/index.ts';
import { liveBuildInRedis } from '../../engine/projections-seen.ts';
import { openProjectionStreams } from '../../engine/streams.ts';
import { readCheckpoints } from '../../projections/checkpoint.ts';
import type { Rebuildable, RebuildResult, RollbackResult } from '../../rebuild/rebuildable.ts';
import type { OpenStores } from './open.ts';

/** Rejects as appending does. */
export const recordRebuild = async (
  stores: OpenStores,
  { name, store }: Rebuildable,
  { certificate, differences }: RebuildResult,
  context: CommandContext,
): Promise<void> => {
  const { version, digest, to } = certificate;
  const rebuilt = {
    ...{ store, version, digest, differences: differences.count, position: logPositionSchema.parse(to) },
    build: await liveBuild(stores, { name, store }),
  };
  const projection = projectionNameSchema.parse(name);
  await recordSwap(await depsOf(stores), { type: 'RecordRebuild', projection, rebuilt }, context);
};

/** Rejects as appending does. */
export const recordRollback = async (
  stores: OpenStores,
  { name, store }: Rebuildable,
  result: RollbackResult,
  context: CommandContext,
): Promise<void> => {
  const position = logPositionSchema.parse(result.position.toString());
  const rolledBack = { store, position, build: result.build };
  const projection = projectionNameSchema.parse(name);
  await recordSwap(await depsOf(stores), { type: 'RecordRollback', projection, rolledBack }, context);
};

const depsOf = async (stores: OpenStores) => ({
  projection: openProjectionStreams(await stores.eventStore()).of,
  nowMs: Date.now,
});

/** Asks the store that was rebuilt and no other: a rebuild needs none. */
const liveBuild = async (
  stores: OpenStores,
  { name, store }: Pick<Rebuildable, 'name' | 'store'>,
): Promise<number | null> => {
  if (store === 'redis') return liveBuildInRedis(await stores.redis(), name);
  return (await readCheckpoints(await stores.db(), [name])).get(name)?.build ?? null;
};
