/**
 * The rules of expected revisions and idempotence: one by one, and against a plain model over random
 * histories.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AppendDecision,
  decideAppend,
  type ExpectedRevision,
  type IdentifiedEvent,
  sizeOf,
} from '../../../src/devstore/store/append.ts';
import { newStreamRow, SOFT_DELETED, type StreamRow } from '../../../src/devstore/store/stream-row.ts';
import { holds } from '../../support/properties.ts';

const idOf = (number: number): Buffer => Buffer.alloc(16, number);
const eventOf = (id: number): IdentifiedEvent => ({
  id: idOf(id),
  type: 'Tested',
  contentType: 'application/json',
  metadata: Buffer.alloc(0),
  data: Buffer.alloc(0),
});

/** A stream as a list of ids: its events in order. */
type Stream = {
  readonly ids: readonly number[];
  readonly state: 'open' | 'soft-deleted' | 'tombstoned';
  readonly hasMetadata: boolean;
  /** Revision of the last append that began with this id. */
  readonly recent: ReadonlyMap<number, number>;
};

const MISSING: Stream = { ids: [], state: 'open', hasMetadata: false, recent: new Map() };
const streamOf = (...ids: number[]): Stream => ({ ...MISSING, ids });

const rowOf = ({ ids, state, hasMetadata }: Stream): StreamRow | undefined => {
  if (ids.length === 0 && state === 'open' && !hasMetadata) return undefined;
  return {
    ...newStreamRow(1),
    lastRevision: ids.length - 1,
    tombstoned: state === 'tombstoned',
    truncateBefore: state === 'soft-deleted' ? SOFT_DELETED : 0,
    hasMetadata: hasMetadata || state === 'soft-deleted',
  };
};

const decide = (stream: Stream, expected: ExpectedRevision, ...ids: number[]): AppendDecision =>
  decideAppend(
    rowOf(stream),
    expected,
    ids.map(eventOf),
    (revision) => {
      const id = stream.ids[revision];
      return id === undefined ? undefined : idOf(id);
    },
    (eventId) => stream.recent.get(eventId[0] ?? 0),
  );

const WRITE = { kind: 'write' } as const;
const alreadyWritten = (lastRevision: number) => ({ kind: 'already_written', lastRevision });
const wrong = (expected: ExpectedRevision, current: number) => ({
  kind: 'wrong_expected_revision',
  expected,
  current,
});

describe('a new stream', () => {
  it.each(['any', 'no_stream'] as const)('takes an append that expects %s', (expected) => {
    expect(decide(MISSING, expected, 1)).toEqual(WRITE);
  });

  it.each(['stream_exists', 0, 7] as const)('refuses an append that expects %s', (expected) => {
    expect(decide(MISSING, expected, 1)).toEqual(wrong(expected, -1));
  });

  it('that has metadata exists, and has no events', () => {
    const stream = { ...MISSING, hasMetadata: true };
    expect(decide(stream, 'stream_exists', 1)).toEqual(WRITE);
    expect(decide(stream, 'no_stream', 1)).toEqual(WRITE);
  });
});

describe('a stream of three events', () => {
  const stream = streamOf(1, 2, 3);

  it('takes an append at its last revision, of the same ids too', () => {
    expect(decide(stream, 2, 4)).toEqual(WRITE);
    expect(decide(stream, 2, 3)).toEqual(WRITE);
  });

  it('refuses a revision that it has not reached', () => {
    expect(decide(stream, 3, 4)).toEqual(wrong(3, 2));
  });

  it('recognises an append that is stored whole, wherever it stands', () => {
    expect(decide(stream, 'no_stream', 1)).toEqual(alreadyWritten(0));
    expect(decide(stream, 'no_stream', 1, 2, 3)).toEqual(alreadyWritten(2));
    expect(decide(stream, 0, 2, 3)).toEqual(alreadyWritten(2));
    expect(decide(stream, 1, 3)).toEqual(alreadyWritten(2));
  });

  it('refuses one that is stored in part, in another order or with one more', () => {
    expect(decide(stream, 0, 2, 9)).toEqual(wrong(0, 2));
    expect(decide(stream, 0, 3, 2)).toEqual(wrong(0, 2));
    expect(decide(stream, 1, 3, 4)).toEqual(wrong(1, 2));
    expect(decide(stream, 0, 9)).toEqual(wrong(0, 2));
  });

  it('refuses an append of nothing at another revision than its last', () => {
    expect(decide(stream, 2)).toEqual(WRITE);
    expect(decide(stream, 1)).toEqual(wrong(1, 2));
  });

  it('recognises an append of any revision only while its first id is remembered', () => {
    expect(decide(stream, 'any', 2, 3)).toEqual(WRITE);
    const remembering = { ...stream, recent: new Map([[2, 1]]) };
    expect(decide(remembering, 'any', 2, 3)).toEqual(alreadyWritten(2));
    expect(decide(remembering, 'stream_exists', 2)).toEqual(alreadyWritten(1));
    expect(decide(remembering, 'any', 2, 9)).toEqual(WRITE);
  });
});

describe('a deleted stream', () => {
  it('takes nothing at all once it is tombstoned', () => {
    const stream = { ...streamOf(1), state: 'tombstoned' } as const;
    for (const expected of ['any', 'no_stream', 'stream_exists', 0, 5] as const) {
      expect(decide(stream, expected, 1)).toEqual({ kind: 'stream_deleted' });
    }
  });

  it('goes on when it is soft-deleted, unless it has to exist', () => {
    const stream = { ...streamOf(1, 2), state: 'soft-deleted' } as const;
    expect(decide(stream, 'stream_exists', 9)).toEqual({ kind: 'stream_deleted' });
    for (const expected of ['any', 'no_stream', 1] as const) {
      expect(decide(stream, expected, 9)).toEqual(WRITE);
    }
    expect(decide(stream, 0, 9)).toEqual(wrong(0, 1));
  });

  it('is not started again by a repetition of what started it', () => {
    const stream = { ...streamOf(1, 2), state: 'soft-deleted' } as const;
    expect(decide(stream, 'no_stream', 1)).toEqual(alreadyWritten(0));
  });
});

/** The notes' rules in their own order, over whole lists. */
const modelDecision = (stream: Stream, expected: ExpectedRevision, ids: readonly number[]): unknown => {
  if (stream.state === 'tombstoned') return { kind: 'stream_deleted' };
  const current = stream.ids.length - 1;
  const stored = (from: number): boolean =>
    ids.length > 0 && ids.join() === stream.ids.slice(from, from + ids.length).join();
  if (expected === 'stream_exists') {
    if (stream.state === 'soft-deleted') return { kind: 'stream_deleted' };
    if (current === -1 && !stream.hasMetadata) return wrong(expected, current);
  }
  if (expected === 'any' || expected === 'stream_exists') {
    const from = stream.recent.get(ids[0] ?? -1);
    return from !== undefined && stored(from) ? alreadyWritten(from + ids.length - 1) : WRITE;
  }
  const after = expected === 'no_stream' ? -1 : expected;
  if (after === current) return WRITE;
  if (after < current && stored(after + 1)) return alreadyWritten(after + ids.length);
  return expected === 'no_stream' && stream.state === 'soft-deleted' ? WRITE : wrong(expected, current);
};

type Action =
  | { readonly kind: 'append'; readonly expected: ExpectedRevision; readonly ids: readonly number[] }
  | { readonly kind: 'soft-delete' | 'tombstone' | 'set-metadata' };

const arbitraryAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      expected: fc.oneof(fc.constantFrom('any', 'no_stream', 'stream_exists'), fc.nat({ max: 8 })),
      // Few ids, so that repeats are common.
      ids: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('soft-delete' as const, 'set-metadata' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tombstone' as const) }) },
);

const written = (stream: Stream, ids: readonly number[]): Stream => {
  const [first] = ids;
  if (first === undefined) return stream;
  return {
    ...stream,
    ids: [...stream.ids, ...ids],
    state: 'open',
    hasMetadata: stream.hasMetadata || stream.state === 'soft-deleted',
    recent: new Map(stream.recent).set(first, stream.ids.length),
  };
};

describe('over random histories', () => {
  it('every append is decided as the model decides it', () => {
    const seen = new Set<string>();
    holds(
      fc.property(fc.array(arbitraryAction, { maxLength: 25 }), (actions) => {
        let stream = MISSING;
        for (const action of actions) {
          if (action.kind === 'append') {
            const decision = decide(stream, action.expected, ...action.ids);
            expect(decision).toEqual(modelDecision(stream, action.expected, action.ids));
            seen.add(decision.kind);
            if (decision.kind === 'write') stream = written(stream, action.ids);
          } else if (action.kind === 'tombstone') stream = { ...stream, state: 'tombstoned' };
          else if (action.kind === 'set-metadata') stream = { ...stream, hasMetadata: true };
          else if (stream.ids.length > 0 && stream.state === 'open') {
            stream = { ...stream, state: 'soft-deleted' };
          }
        }
      }),
      2_000,
    );
    const kinds = ['already_written', 'stream_deleted', 'write', 'wrong_expected_revision'];
    expect([...seen].sort()).toEqual(kinds);
  });
});

it('counts an event’s data, its metadata and its type twice', () => {
  const event = { ...eventOf(1), data: Buffer.alloc(10), metadata: Buffer.alloc(5), type: 'Größe' };
  expect(sizeOf(event)).toBe(10 + 5 + 2 * 5);
});
