/** Logs as a store may hold them: events of several types, in streams that grow side by side. */
import fc from 'fast-check';
import type { StoredEvent } from '../../src/eventstore/index.ts';
import { type LogPage, START_OF_LOG } from '../../src/rebuild/log-pages.ts';

const TYPES = ['Opened', 'Taken', 'Left', 'Closed'] as const;
const PLACES = ['Room-1', 'Room-2', 'Desk-1_a', 'Desk-2_b'] as const;

export const arbitraryLog = (minLength = 1): fc.Arbitrary<readonly StoredEvent[]> =>
  fc
    .array(
      fc.record({
        type: fc.constantFrom(...TYPES),
        stream: fc.constantFrom(...PLACES),
        stride: fc.integer({ min: 1, max: 500 }),
      }),
      { minLength, maxLength: 60 },
    )
    .map((drafts) => {
      const revisions = new Map<string, bigint>();
      let position = -1n;
      return drafts.map(({ type, stream, stride }) => {
        const revision = revisions.get(stream) ?? 0n;
        revisions.set(stream, revision + 1n);
        position += BigInt(stride);
        return storedEvent({ type, stream, revision, position });
      });
    });

export const storedEvent = (
  event: Pick<StoredEvent, 'type' | 'stream' | 'revision' | 'position'>,
): StoredEvent => ({ ...event, id: `${event.position}`, recordedAtMs: 0, data: {}, metadata: {} });

/** As `readLog` yields them. */
export const pagesOf = (
  events: readonly StoredEvent[],
  size: number,
  after = START_OF_LOG,
): readonly LogPage[] => {
  const pages: LogPage[] = [];
  for (let from = 0; from < events.length; from += size) {
    const part = events.slice(from, from + size);
    pages.push({
      after: pages.at(-1)?.position ?? after,
      events: part,
      position: part.at(-1)?.position ?? after,
    });
  }
  return pages;
};
