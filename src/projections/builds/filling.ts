/** Begins to fill a build, or goes on with one whose filling was interrupted. */
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { createTally } from '../../rebuild/tally.ts';
import type { Db } from '../database.ts';
import { type BuildDeps, type DroppedBuild, type EngineProjection, relationsOf } from './deps.ts';
import { type Filling, feed } from './feed.ts';
import { type Live, readLive } from './live.ts';
import { type BuildRecord, buildsOf, createBuildSchema, dropSchema, schemaOf, streamsOf } from './schemas.ts';
import { copyStructure, structureOf } from './structure.ts';

/** Catching up ends when a turn of it has found no more than this to do. */
const NEARLY_NOTHING_EVENTS = 500;
const MAX_TURNS = 20;
/** A live build that nobody runs does not come closer. */
const MAX_LOOKS = 20;
const LOOK_MS = 100;

/** Works on a build with connections of its own, which are closed at the end. */
export const withFilling = async <Result>(
  deps: BuildDeps,
  projection: EngineProjection,
  record: BuildRecord,
  work: (filling: Filling) => Promise<Result>,
): Promise<Result> => {
  const skips = new Map((await deps.skipsOf(projection.name)).map((skip) => [skip.position, skip]));
  const { handles } = projection;
  const { schema, tally: from } = record;
  const keepsStreams = record.state === 'filling';
  const streams = keepsStreams ? await streamsOf(deps.db, schema) : undefined;
  const tally = createTally({ handles, startedAtMs: deps.nowMs(), from, streams });
  const { db, close } = deps.openDb(schema);
  try {
    return await work({ schema, db, projection, tally, keepsStreams, skips });
  } finally {
    await close();
  }
};

/** Empty tables in a schema of their own. */
export const beginBuild = async (
  { db, release }: Pick<BuildDeps, 'db' | 'release'>,
  projection: EngineProjection,
  liveSchema: string,
  { schema, build }: Pick<BuildRecord, 'schema' | 'build'>,
): Promise<BuildRecord> => {
  const { version } = projection;
  const record = {
    schema,
    build,
    version,
    release,
    state: 'filling',
    tally: undefined,
    recordedAtMs: undefined,
  } as const;
  await db.transaction().execute((transaction) => createBuildSchema(transaction, record));
  await copyStructure(db, relationsOf(projection), liveSchema, schema);
  return record;
};

/**
 * The build that an interrupted rebuild has left behind, where this release can go on with it. Half-filled ones that it
 * cannot go on with are dropped.
 */
export const takeUpBuild = async (
  deps: BuildDeps,
  projection: EngineProjection,
  liveSchema: string,
): Promise<BuildRecord> => {
  const { db, release, onDropped = () => undefined } = deps;
  const builds = await buildsOf(db, projection.name);
  const halfFilled = builds.filter(({ state }) => state === 'filling');
  const live = await liveBehind(db, projection.name, liveSchema, halfFilled);
  const structure = await structureOf(db, liveSchema, relationsOf(projection));
  const misfitOf = async (build: BuildRecord): Promise<DroppedBuild['why'] | undefined> => {
    if (build.version !== projection.version) return 'version';
    if (build.release !== release) return 'release';
    if (reachedBy(build) > live.position) return 'position';
    const own = await structureOf(db, build.schema, relationsOf(projection));
    return own === structure ? undefined : 'structure';
  };
  const dropped: DroppedBuild[] = [];
  let found: BuildRecord | undefined;
  for (const build of halfFilled) {
    const why = await misfitOf(build);
    if (why === undefined && found === undefined) {
      found = build;
      continue;
    }
    await dropSchema(db, build.schema);
    if (why === undefined) continue;
    dropped.push({ projection: projection.name, build: build.build, why, release: build.release });
  }
  if (found !== undefined) return found;
  dropped.forEach(onDropped);
  const number = 1 + Math.max(live.build, ...builds.map(({ build }) => build));
  const begun = { schema: schemaOf(projection.name, number), build: number };
  return beginBuild(deps, projection, liveSchema, begun);
};

const reachedBy = ({ tally }: BuildRecord): bigint => BigInt(tally?.to ?? -1);

/**
 * Two builds are compared where both stand at one place. A rebuild that was interrupted shortly before its swap is ahead
 * of a live build that goes on: for some moments.
 */
const liveBehind = async (
  db: Db,
  projection: string,
  liveSchema: string,
  builds: readonly BuildRecord[],
): Promise<Live> => {
  for (let tries = 1; ; tries += 1) {
    const live = await readLive(db, liveSchema, projection);
    const isReached = builds.every((build) => reachedBy(build) <= live.position);
    if (isReached || live.isStopped || tries >= MAX_LOOKS) return live;
    await delay(LOOK_MS);
  }
};

export type CatchUp = {
  readonly liveSchema: string;
  readonly signal: AbortSignal;
  /** After each transaction; `until` is where the live build stands. */
  readonly onPages: (until: bigint) => void;
};

/** Follows the live build until there is next to nothing between the two. */
export const catchUp = async (deps: BuildDeps, filling: Filling, how: CatchUp): Promise<void> => {
  for (let turn = 1; turn <= MAX_TURNS; turn += 1) {
    const before = filling.tally.events();
    const { position } = await readLive(filling.db, how.liveSchema, filling.projection.name);
    await feed(deps, filling, { until: position, signal: how.signal, onPages: () => how.onPages(position) });
    if (filling.tally.events() - before <= NEARLY_NOTHING_EVENTS) return;
  }
};

/** So that the first queries after a swap are planned as those before it. */
export const analyze = async ({ db, schema, projection }: Filling): Promise<void> => {
  for (const { name } of projection.tables) await sql`analyze ${sql.id(schema, name)}`.execute(db);
};
