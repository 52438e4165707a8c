/**
 * Keeps count of what a rebuild or a verification reads, so that it can be vouched for: each event of the log was
 * applied, skipped or ignored, and none was missed. It decodes nothing.
 */
import type { Certificate } from './certificate.ts';
import { createCounts } from './counts.ts';
import { type LogPage, START_OF_LOG } from './log-pages.ts';
import { RebuildError } from './rebuildable.ts';
import { createRevisions } from './revisions.ts';
import type { TallyState } from './tally-state.ts';

export type Skip = Certificate['skips'][number];

export type Tally = {
  /** Commit position of the last event that was seen; `START_OF_LOG` for none. */
  readonly position: () => bigint;
  /** How many events were seen, of any type; in all, and not only since the work was taken up again. */
  readonly events: () => number;
  /**
   * Each page that is read, in order. It counts only once it is taken, so that pages may be read ahead of those at work.
   * Throws `RebuildError` where a page does not lead on from the one before, or a stream lacks an event.
   */
  readonly reads: (page: LogPage) => ReadPage;
  /** Each page that was read, in order: its events are seen now, and those that nothing handles are ignored. */
  readonly takes: (page: ReadPage) => void;
  /** Reads a page and takes it. */
  readonly sees: (page: LogPage) => void;
  /** So many of the events seen, all of one handled type, are applied. */
  readonly applied: (type: string, count?: number) => void;
  /** One of the events seen, of a handled type, is left out. */
  readonly skipped: (skip: Skip) => void;
  /**
   * To be kept together with the rows that were made of the events seen. Throws while one of them is neither applied nor
   * skipped: it would be lost.
   */
  readonly toJSON: () => TallyState;
  /** Throws while an event is neither applied nor skipped. */
  readonly certificate: (result: Certified) => Certificate;
};

/** What there is to count of a page, without its events. */
export type ReadPage = {
  /** Commit positions of its first event and its last one. */
  readonly from: bigint;
  readonly to: bigint;
  readonly streamsBegun: number;
  /** What is to be kept of its streams, for going on behind it; empty unless it was asked for. */
  readonly touched: Uint32Array;
  /** How many events there are of each type. */
  readonly types: ReadonlyMap<string, number>;
};

/** What only the work itself can say of its result. */
export type Certified = Pick<
  Certificate,
  'projection' | 'store' | 'work' | 'version' | 'digest' | 'parts' | 'differences' | 'finishedAtMs'
>;

export type TallyOptions = {
  /** Types of the events that are applied; all others are ignored. */
  readonly handles: readonly string[];
  /** Milliseconds since the epoch; where the work is taken up again, that it began with counts. */
  readonly startedAtMs: number;
  /** What interrupted work has kept. Revisions are not in it: without `streams`, its streams may go on at any. */
  readonly from?: TallyState | undefined;
  /**
   * Pages then say which streams they `touched`, for those who keep them; and all that was kept of the work that is taken
   * up again.
   */
  readonly streams?: readonly Uint32Array[] | undefined;
};

/**
 * What it can prove is that pages follow one another, and that within each stream revisions do. Servers leave gaps of
 * their own in system streams, whose names begin with `$`, and only there: `$all` shows truncated and soft-deleted events
 * until a scavenge removes them, and the engine truncates and deletes none of its streams, so that a gap in one of those
 * is damage.
 */
export const createTally = (options: TallyOptions): Tally => {
  const counts = createCounts(options.handles, options.from);
  const { from: kept, streams: known } = options;
  const state = kept === undefined ? begun(options.startedAtMs) : takenUpAgain(kept, known !== undefined);
  const { continuity } = state;
  const revisions = createRevisions({
    fromStart: continuity.revisionsSince === undefined,
    ...(known !== undefined && { known, remembered: true }),
  });
  let position = BigInt(state.to);
  let readTo = position;

  const reads = ({ after, events, position: to }: LogPage): ReadPage => {
    if (after !== readTo) throw gap(`a page behind position ${after} came after position ${readTo}`);
    const types = new Map<string, number>();
    let streamsBegun = 0;
    for (const event of events) {
      if (event.position <= readTo) throw gap(`position ${event.position} came after position ${readTo}`);
      readTo = event.position;
      types.set(event.type, (types.get(event.type) ?? 0) + 1);
      if (isOfServer(event.stream, event.type)) continue;
      const how = revisions.note(event.stream, event.revision);
      if (how === 'gap') throw gap(`events of ${event.stream} before revision ${event.revision} are missing`);
      if (how === 'first') streamsBegun += 1;
    }
    if (to !== readTo) throw gap(`a page up to position ${to} ended at ${readTo}`);
    return { from: events[0]?.position ?? after, to, streamsBegun, types, touched: revisions.touched() };
  };

  const takes = ({ from, to, streamsBegun, types }: ReadPage): void => {
    for (const [type, count] of types) counts.seen(type, count);
    if (BigInt(state.from) < 0n) state.from = String(from);
    position = to;
    continuity.streams += streamsBegun;
    continuity.pages += 1;
  };

  const toJSON = (): TallyState => structuredClone({ ...state, to: String(position), ...counts.settled() });

  return {
    position: () => position,
    events: counts.total,
    reads,
    takes,
    sees: (page) => takes(reads(page)),
    applied: (type, count = 1) => counts.applied(type, count),
    skipped: (skip) => {
      counts.skipped(skip.type);
      state.skips.push(skip);
    },
    toJSON,
    certificate: (result) => {
      const { applied, ignored, skips, ...reached } = toJSON();
      const events = { applied, skipped: skippedOf(skips), ignored };
      return { ...result, ...reached, skips, events };
    },
  };
};

const gap = (what: string): RebuildError =>
  new RebuildError('log_has_a_gap', `The log cannot be read as a whole: ${what}.`);

/** A tombstone has the highest of all revisions, and ends its stream. */
const isOfServer = (stream: string, type: string): boolean =>
  stream.startsWith('$') || type === '$streamDeleted';

const begun = (startedAtMs: number): TallyState => ({
  startedAtMs,
  from: String(START_OF_LOG),
  to: String(START_OF_LOG),
  applied: {},
  ignored: {},
  skips: [],
  continuity: { pages: 0, streams: 0, resumedAfter: [] },
});

const takenUpAgain = (kept: TallyState, areStreamsKnown: boolean): TallyState => {
  const state = structuredClone(kept);
  if (state.to === String(START_OF_LOG)) return state;
  state.continuity.resumedAfter.push(state.to);
  if (!areStreamsKnown) state.continuity.revisionsSince = state.to;
  return state;
};

const skippedOf = (skips: readonly Skip[]): Record<string, number> => {
  const skipped: Record<string, number> = {};
  for (const { type } of skips) skipped[type] = (skipped[type] ?? 0) + 1;
  return skipped;
};
