/** What rebuilding in SQL needs, in a test as in a process that a test kills. */
import { engineCodec, streamPrefixes } from '../../../src/event-catalogue.ts';
import type { EventStore } from '../../../src/eventstore/index.ts';
import { openPostgres } from '../../../src/postgres/pool.ts';
import { isPostgresUnavailable } from '../../../src/postgres/unavailable.ts';
import type { BuildDeps } from '../../../src/projections/builds/index.ts';
import type { Db } from '../../../src/projections/database.ts';
import type { RebuildOptions } from '../../../src/rebuild/rebuildable.ts';

export const sqlBuildDeps = (db: Db, postgresUrl: string, store: EventStore): BuildDeps => ({
  db,
  openDb: (schema) => openPostgres({ url: postgresUrl, max: 3, schema, onError: () => undefined }),
  log: store,
  codec: engineCodec,
  streamPrefixes,
  skipsOf: async () => [],
  isUnavailable: isPostgresUnavailable,
  nowMs: Date.now,
  release: 'of a test',
  actor: 'olga',
});

export const quietly = (change: Partial<RebuildOptions> = {}): RebuildOptions => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
  keepOld: false,
  accept: async () => true,
  ...change,
});
