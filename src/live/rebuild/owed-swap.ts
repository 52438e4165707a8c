/** What the log is to say of a swap in Redis. */
import { randomUUID } from 'node:crypto';
import { logPositionSchema, type OwedSwap, projectionNameSchema } from '../../domain/projection/index.ts';
import type { Certificate } from '../../rebuild/certificate.ts';
import type { BegunRollback } from './builds.ts';
import type { RedisRebuildDeps } from './deps.ts';

type Owing = Pick<RedisRebuildDeps, 'nowMs' | 'actor'>;
type Owed<Type extends OwedSwap['type']> = Extract<OwedSwap, { type: Type }>;

export const rebuildOwed = (
  { nowMs, actor }: Owing,
  build: number,
  { projection, version, digest, differences, to }: Certificate,
): Owed<'RecordRebuild'> => ({
  ...{ type: 'RecordRebuild', projection: projectionNameSchema.parse(projection), nowMs: nowMs(), actor },
  rebuilt: {
    ...{ swapId: randomUUID(), store: 'redis', build, position: placeOf(BigInt(to)) },
    ...{ version, digest, differences },
  },
});

export const rollbackOwed = (
  { nowMs, actor }: Owing,
  projection: string,
  { swapId, build }: BegunRollback,
  position: bigint,
): Owed<'RecordRollback'> => ({
  ...{ type: 'RecordRollback', projection: projectionNameSchema.parse(projection), nowMs: nowMs(), actor },
  rolledBack: { swapId, store: 'redis', build, position: placeOf(position) },
});

/** Nothing is before the first event. */
const placeOf = (position: bigint) => logPositionSchema.parse(String(position < 0n ? 0n : position));
