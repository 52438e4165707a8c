/** What became of each order and hold of a recorded sale, and how long after its deadline an ending came. */
import type { HoldToken, UserId } from '../domain/shared/ids.ts';

/** Hold tokens may look like order numbers. */
export const holdKey = (token: HoldToken): string => `hold ${token}`;

export type Booked = { readonly buyer: UserId; readonly atMs: number; readonly deadlineMs: number };

/** `gone`: a hold that was ordered or released. `open`: the log ends before it does. */
export type Ending = 'paid' | 'cancelled' | 'expired' | 'gone' | 'open';

export type Ended = Booked & {
  /** The first ending; a late payment leaves an order expired. */
  readonly ending: Ending;
  readonly endedAtMs: number;
  /** The place in the log of the ending. */
  readonly order: number;
  /** When it was paid, in time or late; undefined if it was not. */
  readonly paidAtMs: number | undefined;
};

export type Bookings = {
  readonly begin: (key: string, booked: Booked) => void;
  /** Answers who it is of. Throws for what never began: the log contradicts itself. */
  readonly end: (
    key: string,
    ending: Exclude<Ending, 'open'>,
    at: { readonly atMs: number; readonly order: number },
  ) => Booked;
  /** In ms; undefined for what never began. */
  readonly deadlineMsOf: (key: string) => number | undefined;
  readonly hasEnded: (key: string) => boolean;
  readonly ended: () => ReadonlyMap<string, Ended>;
};

export function createBookings(): Bookings {
  const known = new Map<string, Ended>();
  return {
    begin: (key, booked) => {
      const open = { ending: 'open', endedAtMs: Number.POSITIVE_INFINITY, order: -1 } as const;
      known.set(key, { ...booked, ...open, paidAtMs: undefined });
    },
    end: (key, ending, { atMs, order }) => {
      const before = known.get(key);
      if (before === undefined) throw new Error(`${key} ends and never began.`);
      const paidAtMs = ending === 'paid' ? atMs : before.paidAtMs;
      const first = before.ending === 'open' ? { ending, endedAtMs: atMs, order } : {};
      known.set(key, { ...before, ...first, paidAtMs });
      return before;
    },
    deadlineMsOf: (key) => known.get(key)?.deadlineMs,
    hasEnded: (key) => (known.get(key)?.ending ?? 'open') !== 'open',
    ended: () => known,
  };
}
