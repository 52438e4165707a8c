/**
 * The end of the log, so that it can be counted exactly how many events a read model is behind. One look serves all
 * read models, and a later look reads only what has come since.
 */
import { MAX_PAGE_EVENTS, type ReadPage } from '../../eventstore/read.ts';
import type { StoredEvent } from '../../eventstore/stored-event.ts';

/** Of the log's events, whatever their types. */
export const TAIL_MAX_EVENTS = 100_000;

type TailEvent = Pick<StoredEvent, 'position' | 'type' | 'recordedAtMs'>;

export type Behind = {
  readonly events: number;
  /** False where the log behind the position is longer than what was looked at: then there are at least so many. */
  readonly isExact: boolean;
  /** When the oldest of those that were counted was recorded. */
  readonly oldestRecordedAtMs: number | undefined;
};

export type LogTail = {
  /** Brings it up to the end of the log and back to `least`, as far as there is room. Rejects as reading does. */
  readonly look: (least: bigint, signal?: AbortSignal) => Promise<void>;
  readonly behind: (position: bigint, types: ReadonlySet<string>) => Behind;
  /** Position of the last event of the log; undefined for an empty one. */
  readonly end: () => bigint | undefined;
};

type ReadAllPage = (page: ReadPage) => Promise<readonly StoredEvent[]>;

export const createLogTail = (readAllPage: ReadAllPage, maxEvents = TAIL_MAX_EVENTS): LogTail => {
  /** In log order, and without a gap behind `from`. */
  let events: readonly TailEvent[] = [];
  let from: bigint | undefined;

  const readOn = async (signal?: AbortSignal): Promise<void> => {
    for (;;) {
      const last = events.at(-1);
      const page = await readAllPage(last === undefined ? { from: 'start' } : { from: last.position });
      const fresh = page.filter(({ position }) => last === undefined || position > last.position);
      if (fresh.length === 0) return;
      events = [...events, ...fresh.map(slim)];
      trim();
      signal?.throwIfAborted();
    }
  };
  const readBack = async (least: bigint, signal?: AbortSignal): Promise<void> => {
    while ((from ?? -1n) > least && events.length < maxEvents) {
      const first = events[0];
      const maxCount = Math.min(MAX_PAGE_EVENTS, maxEvents - events.length);
      const page = await readAllPage({ direction: 'backwards', from: first?.position ?? 'end', maxCount });
      const older = page.filter(({ position }) => first === undefined || position < first.position);
      events = [...older.map(slim).reverse(), ...events];
      from = older.length === 0 ? -1n : before(events[0]);
      signal?.throwIfAborted();
    }
  };
  const trim = (): void => {
    if (events.length <= maxEvents) return;
    events = events.slice(-maxEvents);
    from = before(events[0]);
  };

  return {
    look: async (least, signal) => {
      if (from === undefined) {
        const [last] = await readAllPage({ direction: 'backwards', maxCount: 1 });
        events = last === undefined ? [] : [slim(last)];
        from = before(events[0]);
      }
      await readOn(signal);
      await readBack(least, signal);
    },
    behind: (position, types) => {
      const waiting = events.filter((event) => event.position > position && types.has(event.type));
      return {
        events: waiting.length,
        isExact: position >= (from ?? -1n),
        oldestRecordedAtMs: waiting[0]?.recordedAtMs,
      };
    },
    end: () => events.at(-1)?.position,
  };
};

/** The position behind which a list is complete that begins with this event. */
const before = (event: TailEvent | undefined): bigint => (event === undefined ? -1n : event.position - 1n);

const slim = ({ position, type, recordedAtMs }: StoredEvent): TailEvent => ({ position, type, recordedAtMs });
