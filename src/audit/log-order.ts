/** Two streams as one, in the order of the log. */
import { byPosition, type LogEvent, type LogPage } from './log.ts';

type Found = Pick<LogPage, 'events' | 'unreadable'>;
type Pages = AsyncGenerator<LogPage, void, undefined>;

/** The pages of the first, each with what the second has up to its end; then what is left of the second. */
export async function* inLogOrder(first: Pages, second: Pages): AsyncGenerator<Found, void, undefined> {
  const others = createAhead(second);
  for await (const { events, unreadable, last } of first) {
    const other = await others.upTo(last.position);
    yield {
      events: other.events.length === 0 ? events : [...events, ...other.events].sort(byPosition),
      unreadable: [...unreadable, ...other.unreadable],
    };
  }
  yield await others.upTo(undefined);
}

/** Hands out pages by position, however they are cut. */
const createAhead = (pages: Pages) => {
  let waiting: readonly LogEvent[] = [];
  let unreadable: readonly string[] = [];
  /** Undefined: to the end. */
  let seen: bigint | undefined = -1n;
  return {
    /** What comes before this position; undefined: all that is left. */
    upTo: async (position: bigint | undefined): Promise<Found> => {
      while (seen !== undefined && (position === undefined || seen < position)) {
        const next = await pages.next();
        seen = next.done ? undefined : next.value.last.position;
        if (next.done) break;
        waiting = [...waiting, ...next.value.events];
        unreadable = [...unreadable, ...next.value.unreadable];
      }
      const later = waiting.findIndex((event) => position !== undefined && event.position > position);
      const until = later === -1 ? waiting.length : later;
      const found = { events: waiting.slice(0, until), unreadable };
      [waiting, unreadable] = [waiting.slice(until), []];
      return found;
    },
  };
};
