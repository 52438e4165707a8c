/** The SQL read models as what can be rebuilt, verified and rolled back. ADR 15 says how, and why so. */
import { randomUUID } from 'node:crypto';
import { logPositionSchema, type OwedSwap, projectionNameSchema } from '../../domain/projection/index.ts';
import type { Certificate } from '../../rebuild/certificate.ts';
import { endOfLog } from '../../rebuild/log-pages.ts';
import {
  type Rebuildable,
  RebuildError,
  type RebuildOptions,
  type RebuildProgress,
  type RebuildResult,
  type RollbackResult,
  type VerifyResult,
  type WorkOptions,
} from '../../rebuild/rebuildable.ts';
import type { Db } from '../database.ts';
import { createProjections } from '../registry.ts';
import { compareWithLive } from './comparison.ts';
import { type BuildDeps, type EngineProjection, relationsOf } from './deps.ts';
import { type Filling, feed } from './feed.ts';
import { analyze, beginBuild, catchUp, takeUpBuild, withFilling } from './filling.ts';
import { type BuildRecord, buildsOf, checkSchemaOf, dropCheck, dropSchema, liveSchemaOf } from './schemas.ts';
import { structureOf } from './structure.ts';
import { swap } from './swap.ts';
import { inTurn, type Turn } from './turn.ts';

/** One for each SQL read model, in the order of the registry. Projections remember halls: each work gets its own. */
export const createSqlRebuildables = (
  deps: BuildDeps,
  projections: () => readonly EngineProjection[] = createProjections,
): readonly Rebuildable[] =>
  projections().map(({ name }) => {
    const own = (): EngineProjection => {
      const found = projections().find((projection) => projection.name === name);
      if (found === undefined) throw new Error(`There is no projection ${name}.`);
      return found;
    };
    const doing = <Result>(work: (job: Job) => Promise<Result>): Promise<Result> =>
      inTurn(deps.db, name, async (turn) =>
        work({ deps, turn, projection: own(), liveSchema: await liveSchemaOf(deps.db) }),
      );
    return {
      name,
      store: 'sql',
      rebuild: (options) => doing((job) => rebuild(job, options)),
      verify: (options) => doing((job) => verify(job, options)),
      rollback: (options) => doing((job) => rollback(job, options)),
      discard: () => doing(({ deps: { db } }) => dropHalfFilled(db, name)),
    };
  });

type Job = {
  readonly deps: BuildDeps;
  readonly turn: Turn;
  readonly projection: EngineProjection;
  readonly liveSchema: string;
};

const rebuild = async (job: Job, options: RebuildOptions): Promise<RebuildResult> => {
  const { deps, turn, projection, liveSchema } = job;
  const { signal } = options;
  const record = await takeUpBuild(deps, projection, liveSchema);
  const work = async (filling: Filling): Promise<RebuildResult> => {
    const tell = progressOf(filling, options);
    await catchUp(deps, filling, { liveSchema, signal, onPages: (until) => tell('reading', until) });
    tell('comparing');
    await analyze(filling);
    const compared = await compareWithLive(deps, filling, { work: 'rebuild', liveSchema, signal });
    const { differences } = compared;
    if (differences.count > 0 && !(await options.accept(differences))) {
      return { outcome: 'declined', ...compared, swapMs: 0 };
    }
    // Also where the live build has stopped: the new one goes past that place, or says why it cannot.
    const until = await endOfLog(deps.log);
    await feed(deps, filling, { until, signal, onPages: () => tell('reading', until) });
    tell('swapping');
    const owed = (): OwedSwap => rebuildOwed(job, record.build, compared.certificate);
    const { build } = record;
    const { swapMs, replaced } = await swap(deps, { filling, build, liveSchema, turn, owed, signal });
    if (!options.keepOld) await dropKept(job, replaced);
    const certificate = { ...compared.certificate, finishedAtMs: deps.nowMs() };
    return { outcome: 'swapped', differences, certificate, swapMs };
  };
  try {
    return await withFilling(deps, projection, record, work);
  } catch (error) {
    // What was read is not what the log is: going on with it would meet the same gap.
    if (error instanceof RebuildError && error.code === 'log_has_a_gap') {
      await dropSchema(deps.db, record.schema);
    }
    throw error;
  }
};

const dropKept = async ({ deps, projection }: Job, except: string): Promise<void> => {
  for (const { schema, state } of await buildsOf(deps.db, projection.name)) {
    if (state === 'kept' && schema !== except) await dropSchema(deps.db, schema);
  }
};

const dropHalfFilled = async (db: Db, projection: string): Promise<boolean> => {
  const halfFilled = (await buildsOf(db, projection)).filter(({ state }) => state === 'filling');
  for (const { schema } of halfFilled) await dropSchema(db, schema);
  return halfFilled.length > 0;
};

const verify = async ({ deps, projection, liveSchema }: Job, options: WorkOptions): Promise<VerifyResult> => {
  const { db } = deps;
  const { signal } = options;
  await dropCheck(db, projection.name);
  try {
    const schema = checkSchemaOf(projection.name);
    const record = await beginBuild(deps, projection, liveSchema, { schema, build: 0 });
    return await withFilling(deps, projection, record, async (filling) => {
      const tell = progressOf(filling, options);
      await catchUp(deps, filling, { liveSchema, signal, onPages: (until) => tell('reading', until) });
      tell('comparing');
      return compareWithLive(deps, filling, { work: 'verify', liveSchema, signal });
    });
  } finally {
    await dropCheck(db, projection.name);
  }
};

const rollback = async (job: Job, options: WorkOptions): Promise<RollbackResult> => {
  const { deps, turn, projection, liveSchema } = job;
  const { signal } = options;
  const record = await earlierBuild(job);
  return withFilling(deps, projection, record, async (filling) => {
    const tell = progressOf(filling, options);
    await catchUp(deps, filling, { liveSchema, signal, onPages: (until) => tell('reading', until) });
    tell('swapping');
    const { build } = record;
    const owed = (position: bigint): OwedSwap => ({
      ...{ type: 'RecordRollback', projection: projectionNameSchema.parse(projection.name) },
      ...{ nowMs: deps.nowMs(), actor: deps.actor },
      rolledBack: { swapId: randomUUID(), store: 'sql', build, position: placeOf(position) },
    });
    const { position, swapMs } = await swap(deps, { filling, build, liveSchema, turn, owed, signal });
    return { build, position, swapMs };
  });
};

const rebuildOwed = (
  { deps, projection }: Job,
  build: number,
  { version, digest, differences, to }: Certificate,
): OwedSwap => ({
  ...{ type: 'RecordRebuild', projection: projectionNameSchema.parse(projection.name) },
  ...{ nowMs: deps.nowMs(), actor: deps.actor },
  rebuilt: {
    ...{ swapId: randomUUID(), store: 'sql', build, position: placeOf(BigInt(to)) },
    ...{ version, digest, differences },
  },
});

/** Nothing is before the first event. */
const placeOf = (position: bigint) => logPositionSchema.parse(String(position < 0n ? 0n : position));

/** The one that was live last. */
const earlierBuild = async ({ deps, projection, liveSchema }: Job): Promise<BuildRecord> => {
  const { name } = projection;
  const found = (await buildsOf(deps.db, name)).find(({ state }) => state === 'kept');
  if (found?.tally === undefined) {
    throw new RebuildError('no_earlier_version', `There is no earlier version of ${name} to go back to.`);
  }
  const relations = relationsOf(projection);
  const structure = await structureOf(deps.db, found.schema, relations);
  if (structure === (await structureOf(deps.db, liveSchema, relations))) return found;
  throw new RebuildError(
    'earlier_version_incompatible',
    `The tables of build ${found.build} of ${name} are not the ones that this release knows: rebuild instead.`,
  );
};

const progressOf =
  ({ tally }: Filling, { onProgress }: WorkOptions) =>
  (phase: RebuildProgress['phase'], until = tally.position()): void =>
    onProgress({ phase, events: tally.events(), position: tally.position(), until });
