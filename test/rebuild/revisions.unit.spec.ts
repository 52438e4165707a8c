import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRevisions } from '../../src/rebuild/revisions.ts';
import { holds } from '../support/properties.ts';

const BYTES_A_STREAM = 30;

describe('The revisions of all streams', () => {
  it('are told apart in any number of streams, in at most thirty bytes for each', () => {
    const streams = 200_000;
    const revisions = createRevisions({ fromStart: true });
    const wrong: string[] = [];
    for (const round of [0, 1, 2]) {
      for (let nth = 0; nth < streams; nth += 1) {
        const how = revisions.note(`Payment-${nth}`, BigInt(round));
        if (how !== (round === 0 ? 'first' : 'next')) wrong.push(`${nth} ${round} ${how}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(revisions.bytes() / streams).toBeLessThanOrEqual(BYTES_A_STREAM);
  });

  it('answer as a map of names would', () => {
    const names = fc.oneof(fc.constantFrom('Sale-1', 'Sale-2', 'Sale-12'), fc.string());
    const notes = fc.array(fc.tuple(names, fc.bigInt({ min: 0n, max: 3n })), { maxLength: 50 });
    holds(
      fc.property(notes, fc.boolean(), (noted, fromStart) => {
        const revisions = createRevisions({ fromStart });
        const last = new Map<string, bigint>();
        for (const [stream, revision] of noted) {
          const before = last.get(stream) ?? (fromStart ? -1n : revision - 1n);
          const how = revision !== before + 1n ? 'gap' : revision === 0n ? 'first' : 'next';
          expect(revisions.note(stream, revision)).toBe(how);
          last.set(stream, revision);
        }
      }),
    );
  });

  it('go on from what was kept of them, in whatever parts and order', () => {
    const notes = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.boolean()), { maxLength: 60 });
    holds(
      fc.property(notes, fc.integer({ min: 1, max: 9 }), (noted, every) => {
        const first = createRevisions({ fromStart: true, remembered: true });
        const last = new Map<string, bigint>();
        const known: Uint32Array[] = [];
        noted.forEach(([stream], index) => {
          const revision = (last.get(stream) ?? -1n) + 1n;
          expect(first.note(stream, revision)).not.toBe('gap');
          last.set(stream, revision);
          if (index % every === 0) known.unshift(first.touched());
        });
        known.unshift(first.touched());
        const second = createRevisions({ fromStart: true, known });
        for (const stream of ['a', 'b', 'c', 'd']) {
          const next = (last.get(stream) ?? -1n) + 1n;
          expect(createRevisions({ fromStart: true, known }).note(stream, next + 1n)).toBe('gap');
          expect(second.note(stream, next)).toBe(next === 0n ? 'first' : 'next');
        }
      }),
    );
  });

  it('say of each stream once what is to be kept of it, and only where somebody asks for it', () => {
    const revisions = createRevisions({ fromStart: true, remembered: true });
    for (const revision of [0n, 1n, 2n]) for (const stream of ['a', 'b']) revisions.note(stream, revision);
    expect(revisions.touched()).toHaveLength(6);
    expect(revisions.touched()).toHaveLength(0);
    revisions.note('b', 3n);
    expect(revisions.touched()).toHaveLength(3);
    const asked = createRevisions({ fromStart: true });
    asked.note('a', 0n);
    expect(asked.touched()).toHaveLength(0);
  });

  it('begin at 0 only where the log is read from its start', () => {
    expect(createRevisions({ fromStart: true }).note('Sale-1', 4n)).toBe('gap');
    expect(createRevisions({ fromStart: false }).note('Sale-1', 4n)).toBe('next');
  });
});
