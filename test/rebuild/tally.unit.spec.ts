import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../src/eventstore/index.ts';
import { type Certificate, certificateSchema } from '../../src/rebuild/certificate.ts';
import type { LogPage } from '../../src/rebuild/log-pages.ts';
import { type Certified, createTally, type Tally } from '../../src/rebuild/tally.ts';
import { type TallyState, tallyStateSchema } from '../../src/rebuild/tally-state.ts';
import { holds } from '../support/properties.ts';
import { arbitraryLog, pagesOf, storedEvent } from './generated-log.ts';

const HANDLES = ['Opened', 'Taken'];
const RESULT: Certified = {
  projection: 'rooms',
  store: 'sql',
  work: 'rebuild',
  version: 3,
  digest: 'd',
  parts: [],
  differences: 0,
  finishedAtMs: 20,
};
const GAP = expect.objectContaining({ name: 'RebuildError', code: 'log_has_a_gap' });

const start = (from?: TallyState): Tally => createTally({ handles: HANDLES, startedAtMs: 10, from });

/** Applies what it sees, but for the events that `skips` names. */
const feed = (
  tally: Tally,
  pages: readonly LogPage[],
  skips: ReadonlySet<StoredEvent> = new Set(),
): Tally => {
  for (const page of pages) {
    tally.sees(page);
    for (const event of page.events) {
      const { type, position } = event;
      if (!HANDLES.includes(type)) continue;
      if (skips.has(event)) tally.skipped({ type, position: `${position}`, reason: 'broken', actor: 'me' });
      else tally.applied(type);
    }
  }
  return tally;
};

const countBy = (events: readonly StoredEvent[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
};

const sizes = fc.integer({ min: 1, max: 20 });
const withoutNth = <T>(items: readonly T[], nth: number): readonly T[] =>
  items.filter((_, index) => index !== nth);

describe('A tally', () => {
  it('has each event of the log once: applied, skipped or ignored', () => {
    holds(
      fc.property(arbitraryLog(), sizes, fc.infiniteStream(fc.boolean()), (events, size, chance) => {
        const skips = new Set(events.filter(() => chance.next().value === true));
        const certificate = feed(start(), pagesOf(events, size), skips).certificate(RESULT);
        const handled = events.filter(({ type }) => HANDLES.includes(type));
        expect(certificate.events).toEqual({
          applied: countBy(handled.filter((event) => !skips.has(event))),
          skipped: countBy(handled.filter((event) => skips.has(event))),
          ignored: countBy(events.filter(({ type }) => !HANDLES.includes(type))),
        });
        expect(certificate.from).toBe(`${events[0]?.position}`);
        expect(certificate.to).toBe(`${events.at(-1)?.position}`);
        expect(certificate.continuity).toEqual({
          pages: Math.ceil(events.length / size),
          streams: new Set(events.map(({ stream }) => stream)).size,
          resumedAfter: [],
        });
        expect(certificateSchema.parse(certificate)).toEqual(certificate);
      }),
    );
  });

  it('says the same when the work was interrupted, and where that was', () => {
    holds(
      fc.property(arbitraryLog(2), sizes, fc.nat(), (events, size, nth) => {
        const pages = pagesOf(events, size);
        const cut = nth % pages.length;
        const whole = feed(start(), pages).certificate(RESULT);
        const kept = JSON.stringify(feed(start(), pages.slice(0, cut)).toJSON());
        const resumed = feed(start(tallyStateSchema.parse(JSON.parse(kept))), pages.slice(cut));
        const [after] = cut === 0 ? [] : [`${pages[cut]?.after}`];
        const since = after === undefined ? {} : { resumedAfter: [after], revisionsSince: after };
        expect(resumed.certificate(RESULT)).toEqual({
          ...whole,
          continuity: { ...whole.continuity, ...since },
        });
        expect(resumed.events()).toBe(events.length);
        expect(resumed.position()).toBe(events.at(-1)?.position);
      }),
    );
  });

  it('notices every event that is missing, unless it is the last of its stream', () => {
    holds(
      fc.property(arbitraryLog(2), sizes, fc.nat(), (events, size, nth) => {
        const dropped = nth % events.length;
        const { stream } = events[dropped] ?? { stream: '' };
        const isLast = !events.slice(dropped + 1).some((event) => event.stream === stream);
        const work = (): Tally => feed(start(), pagesOf(withoutNth(events, dropped), size));
        if (isLast) expect(work).not.toThrow();
        else expect(work).toThrow(GAP);
      }),
    );
  });

  it('notices them over an interruption too, where it is given what was known of the streams', () => {
    holds(
      fc.property(arbitraryLog(2), sizes, fc.nat(), fc.nat(), (events, size, nth, part) => {
        const dropped = nth % events.length;
        const { stream } = events[dropped] ?? { stream: '' };
        const isLast = !events.slice(dropped + 1).some((event) => event.stream === stream);
        const pages = pagesOf(withoutNth(events, dropped), size);
        const cut = part % (pages.length + 1);
        const work = (): Certificate => {
          const before = createTally({ handles: [], startedAtMs: 10, streams: [] });
          const streams = pages.slice(0, cut).map((page) => {
            const read = before.reads(page);
            before.takes(read);
            return read.touched;
          });
          const tally = createTally({ handles: [], startedAtMs: 10, from: before.toJSON(), streams });
          for (const page of pages.slice(cut)) tally.sees(page);
          return tally.certificate(RESULT);
        };
        if (!isLast) expect(work).toThrow(GAP);
        else expect(work().continuity).not.toHaveProperty('revisionsSince');
      }),
    );
  });

  it('notices every page that is missing, comes twice or comes too early', () => {
    holds(
      fc.property(arbitraryLog(2), fc.nat(), (events, nth) => {
        const pages = pagesOf(events, Math.ceil(events.length / 3));
        const at = nth % (pages.length - 1);
        const page = pages[at];
        const twice = page === undefined ? [] : pages.toSpliced(at, 0, page);
        expect(() => feed(start(), withoutNth(pages, at))).toThrow(GAP);
        expect(() => feed(start(), twice)).toThrow(GAP);
        expect(() => feed(start(), pages.toReversed())).toThrow(GAP);
      }),
    );
  });

  it('notices a page that does not begin where the interrupted work ended', () => {
    const events = [0n, 1n, 2n].map((nth) =>
      storedEvent({ type: 'Opened', stream: `Room-${nth}`, revision: 0n, position: nth * 10n }),
    );
    const [first, , third] = pagesOf(events, 1);
    const kept = feed(start(), first === undefined ? [] : [first]).toJSON();
    expect(() => feed(start(kept), third === undefined ? [] : [third])).toThrow(GAP);
  });

  it('notices a page that says it reaches further than its events', () => {
    const event = storedEvent({ type: 'Opened', stream: 'Room-1', revision: 0n, position: 5n });
    expect(() => start().sees({ after: -1n, events: [event], position: 6n })).toThrow(GAP);
  });

  it('takes no notice of gaps in system streams and behind tombstones, which servers make', () => {
    const events = [
      { type: '$metadata', stream: '$$Room-1', revision: 7n, position: 0n },
      { type: '$metadata', stream: '$$Room-1', revision: 9n, position: 1n },
      { type: '$streamDeleted', stream: 'Room-1', revision: 2n ** 63n - 1n, position: 2n },
    ].map(storedEvent);
    const { events: counted, continuity } = feed(start(), pagesOf(events, 3)).certificate(RESULT);
    expect(counted.ignored).toEqual({ $metadata: 2, $streamDeleted: 1 });
    expect(continuity.streams).toBe(0);
  });

  it('vouches for nothing while an event is neither applied nor skipped, or is both', () => {
    const event = storedEvent({ type: 'Opened', stream: 'Room-1', revision: 0n, position: 0n });
    const tally = start();
    for (const page of pagesOf([event], 1)) tally.sees(page);
    expect(() => tally.certificate(RESULT)).toThrow('Of 1 Opened, 0 were applied, 0 skipped.');
    expect(() => tally.toJSON()).toThrow('Of 1 Opened');
    tally.applied('Opened');
    expect(tally.certificate(RESULT).events.applied).toEqual({ Opened: 1 });
    tally.skipped({ type: 'Opened', position: '0', reason: 'twice', actor: 'me' });
    expect(() => tally.certificate(RESULT)).toThrow('Of 1 Opened, 1 were applied, 1 skipped.');
  });

  it('vouches for an empty log', () => {
    const { events, from, to } = start().certificate(RESULT);
    expect({ events, from, to }).toEqual({
      events: { applied: {}, skipped: {}, ignored: {} },
      from: '-1',
      to: '-1',
    });
  });
});
