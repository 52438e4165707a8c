/** What these commands rebuild, verify and roll back: the read models that `status` shows, by the same names. */
import { setTimeout as delay } from 'node:timers/promises';
import { type KnownProjection, knownProjections } from '../../engine/projections-seen.ts';
import { recordedSkips } from '../../engine/recorded-skips.ts';
import { engineCodec, streamPrefixes } from '../../event-catalogue.ts';
import { createRedisRebuildables } from '../../live/rebuild/index.ts';
import { openPostgres } from '../../postgres/pool.ts';
import { isPostgresUnavailable } from '../../postgres/unavailable.ts';
import { createSqlRebuildables, type DroppedBuild } from '../../projections/builds/index.ts';
import type { Rebuildable } from '../../rebuild/rebuildable.ts';
import { readRelease } from '../../release.ts';
import { UsageError } from '../running-stores.ts';
import { makeUpForSwaps } from './decisions.ts';
import { type ExitCode, exitCodes, RefusedError } from './exit.ts';
import type { OpenStores } from './open.ts';
import { type Run, tell } from './run.ts';

const BUILD_MAX_CONNECTIONS = 4;

/** All of them for `all`. Throws `RefusedError` for a name that none has. */
const projectionsNamed = (name: string): readonly KnownProjection[] => {
  const known = knownProjections();
  const found = name === 'all' ? known : known.filter((projection) => projection.name === name);
  return found.length > 0 ? found : refuse(name);
};

/** Throws `RefusedError` for a name that none has. */
export const oneNamed = (name: string): KnownProjection => {
  const [first] = name === 'all' ? [] : projectionsNamed(name);
  return first ?? refuse(name);
};

const refuse = (name: string): never => {
  const names = knownProjections().map((projection) => projection.name);
  throw new RefusedError(
    'projection_not_found',
    `There is no projection ${name}. There are ${names.join(', ')}.`,
    exitCodes.usage,
  );
};

/**
 * One after the other, the next also where one could not be done. Answers the first exit code that is not 0. Rejects
 * when the signal fires.
 */
export const eachOf = async (
  rebuildables: readonly Rebuildable[],
  { signal }: Pick<Run, 'signal'>,
  work: (rebuildable: Rebuildable) => Promise<ExitCode>,
): Promise<ExitCode> => {
  let exitCode: ExitCode = exitCodes.ok;
  for (const rebuildable of rebuildables) {
    const own = await work(rebuildable).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return tell(error);
    });
    if (exitCode === exitCodes.ok) exitCode = own;
  }
  return exitCode;
};

/** As `openRebuildables`, for a command with a certificate for each. Throws `UsageError` for several and one file. */
export const openCertified = async (
  name: string,
  { certificate, by }: { readonly certificate?: string; readonly by: string },
  { stores }: Pick<Run, 'stores'>,
): Promise<readonly Rebuildable[]> => {
  const wanted = projectionsNamed(name);
  if (certificate !== undefined && wanted.length > 1) {
    throw new UsageError('--certificate names one file: name one projection.');
  }
  return openRebuildables(stores, wanted, by);
};

/**
 * In the order in which they are named; only the stores that they need are opened. What the log does not say yet of
 * earlier swaps in these stores is recorded first.
 */
export const openRebuildables = async (
  stores: OpenStores,
  wanted: readonly KnownProjection[],
  actor: string,
): Promise<readonly Rebuildable[]> => {
  await makeUpForSwaps(stores, [...new Set(wanted.map(({ store }) => store))]);
  const isWanted = (store: KnownProjection['store']) =>
    wanted.some((projection) => projection.store === store);
  const made = [
    ...(isWanted('sql') ? await sqlRebuildables(stores, actor) : []),
    ...(isWanted('redis') ? await redisRebuildables(stores, actor) : []),
  ];
  return wanted.map(({ name }) => {
    const found = made.find((rebuildable) => rebuildable.name === name);
    if (found === undefined) throw new Error(`Nothing rebuilds ${name}.`);
    return found;
  });
};

const sqlRebuildables = async (stores: OpenStores, actor: string): Promise<readonly Rebuildable[]> => {
  const eventStore = await stores.eventStore();
  const release = await readRelease();
  return createSqlRebuildables({
    db: await stores.db(),
    openDb: (schema) =>
      openPostgres({
        ...{ url: stores.postgresUrl(), max: BUILD_MAX_CONNECTIONS, schema },
        // What is wrong with a connection comes up where it is used.
        onError: () => undefined,
      }),
    log: eventStore,
    codec: engineCodec,
    streamPrefixes,
    skipsOf: (projection) => recordedSkips(eventStore, projection),
    isUnavailable: isPostgresUnavailable,
    nowMs: Date.now,
    release,
    actor,
    onDropped: (dropped) => console.error(sentenceOn(dropped, release)),
  });
};

const whyAnew: Readonly<Record<DroppedBuild['why'], string>> = {
  version: 'by another version of it',
  release: 'by another release',
  structure: 'into tables of another structure',
  position: 'up to a place that the live build has not reached',
};

const sentenceOn = ({ projection, build, why, release: other }: DroppedBuild, release: string): string => {
  const which = why === 'release' ? ` (${other ?? 'an earlier one'}; this is ${release})` : '';
  return `${projection}: begins anew: build ${build} was filled by half ${whyAnew[why]}${which}.`;
};

const redisRebuildables = async (stores: OpenStores, actor: string): Promise<readonly Rebuildable[]> =>
  createRedisRebuildables({
    client: await stores.redis(),
    store: await stores.eventStore(),
    nowMs: Date.now,
    release: await readRelease(),
    actor,
    sleep: (delayMs, signal) => delay(delayMs, undefined, { signal }).catch(() => undefined),
  });
