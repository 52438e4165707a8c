/** What the work on builds needs from outside. */
import type { Codec, EventStore } from '../../eventstore/index.ts';
import type { Skip } from '../../rebuild/tally.ts';
import type { Db } from '../database.ts';
import type { Projection } from '../projection.ts';
import type { EngineEvent } from '../registry.ts';
import type { Relations } from './structure.ts';

export type BuildDeps = {
  /** Whose unqualified tables are the live ones. Two of its connections are used at a time. */
  readonly db: Db;
  /** Connections whose search path is this schema and nothing else, so that a projection writes there. */
  readonly openDb: (schema: string) => { readonly db: Db; readonly close: () => Promise<void> };
  readonly log: Pick<EventStore, 'readAllPage'>;
  readonly codec: Codec<EngineEvent>;
  /** What the runner subscribes to: events of other streams are not the engine's, whatever they are called. */
  readonly streamPrefixes: readonly string[];
  /** The events that somebody has said this projection may do without. */
  readonly skipsOf: (projection: string) => Promise<readonly Skip[]>;
  /** True for errors that are no event's fault. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly nowMs: () => number;
  /** By whose wish builds are swapped, for the log. */
  readonly actor: string;
  /** Which code this is: a build that other code has filled by half is begun anew. */
  readonly release: string;
  /** Of each such build, before it is begun anew. */
  readonly onDropped?: (dropped: DroppedBuild) => void;
  /** How long a swap may go on trying, in ms; 15 s unless given. */
  readonly maxSwapWaitMs?: number;
  /** Of the log, at a time; as many as a page may have, unless given. */
  readonly pageMaxEvents?: number;
};

/** A half-filled build that was not gone on with, and what of it did not fit. */
export type DroppedBuild = {
  readonly projection: string;
  readonly build: number;
  readonly why: 'version' | 'release' | 'structure' | 'position';
  /** Undefined where it did not say. */
  readonly release: string | undefined;
};

export type EngineProjection = Projection<EngineEvent>;

export const relationsOf = ({ tables, views = [] }: EngineProjection): Relations => ({
  tables: tables.map(({ name }) => name),
  views,
});
