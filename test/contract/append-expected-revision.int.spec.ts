/**
 * Expected revisions against every state a stream can be in; the whole of Seatlog's no-oversell promise rests on this
 * table. Each state is built anew, so that no row depends on another.
 */
import {
  ANY,
  type AppendExpectedRevision,
  type CurrentRevision,
  type EventStoreDBClient,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { failureOf, numberedEvents, numbersOf, readWhole, uniqueName } from '../support/streams.ts';

type State = 'missing' | 'with only metadata' | 'of three events' | 'soft-deleted' | 'tombstoned';
type Accepted = { readonly next: bigint };
type Refused = { readonly current: CurrentRevision } | 'deleted';

const store = useEventstore();

const prepare: Record<State, (client: EventStoreDBClient, stream: string) => Promise<unknown>> = {
  missing: () => Promise.resolve(),
  'with only metadata': (client, stream) => client.setStreamMetadata(stream, { owner: 'box office' }),
  'of three events': (client, stream) => client.appendToStream(stream, numberedEvents(3)),
  'soft-deleted': async (client, stream) => {
    await client.appendToStream(stream, numberedEvents(3));
    await client.deleteStream(stream);
  },
  tombstoned: async (client, stream) => {
    await client.appendToStream(stream, numberedEvents(3));
    await client.tombstoneStream(stream);
  },
};

const accepted: readonly (readonly [AppendExpectedRevision, State, Accepted])[] = [
  [ANY, 'missing', { next: 0n }],
  [NO_STREAM, 'missing', { next: 0n }],
  [ANY, 'with only metadata', { next: 0n }],
  [NO_STREAM, 'with only metadata', { next: 0n }],
  [STREAM_EXISTS, 'with only metadata', { next: 0n }],
  [ANY, 'of three events', { next: 3n }],
  [STREAM_EXISTS, 'of three events', { next: 3n }],
  [2n, 'of three events', { next: 3n }],
  [ANY, 'soft-deleted', { next: 3n }],
  [NO_STREAM, 'soft-deleted', { next: 3n }],
  [2n, 'soft-deleted', { next: 3n }],
];

const refused: readonly (readonly [AppendExpectedRevision, State, Refused])[] = [
  [STREAM_EXISTS, 'missing', { current: NO_STREAM }],
  [0n, 'missing', { current: NO_STREAM }],
  [5n, 'missing', { current: NO_STREAM }],
  [0n, 'with only metadata', { current: NO_STREAM }],
  [NO_STREAM, 'of three events', { current: 2n }],
  [0n, 'of three events', { current: 2n }],
  [1n, 'of three events', { current: 2n }],
  [3n, 'of three events', { current: 2n }],
  [1_000_000_000_000n, 'of three events', { current: 2n }],
  [1n, 'soft-deleted', { current: 2n }],
  [3n, 'soft-deleted', { current: 2n }],
  [STREAM_EXISTS, 'soft-deleted', 'deleted'],
  [ANY, 'tombstoned', 'deleted'],
  [NO_STREAM, 'tombstoned', 'deleted'],
  [STREAM_EXISTS, 'tombstoned', 'deleted'],
  [2n, 'tombstoned', 'deleted'],
];

describe('An append to a stream', () => {
  it.each(accepted)('expecting %s succeeds when the stream is %s', async (expected, state, { next }) => {
    const stream = uniqueName();
    await prepare[state](store.client, stream);
    const result = await store.client.appendToStream(stream, numberedEvents(1, 'Numbered', 77), {
      expectedRevision: expected,
    });
    expect(result).toMatchObject({ success: true, nextExpectedRevision: next });
    expect(numbersOf(await readWhole(store.client, stream)).at(-1)).toBe(77);
  });

  it.each(refused)('expecting %s is refused when the stream is %s', async (expected, state, refusal) => {
    const stream = uniqueName();
    await prepare[state](store.client, stream);
    const error = await failureOf(
      store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: expected }),
    );
    if (refusal === 'deleted') {
      expect(error).toBeInstanceOf(StreamDeletedError);
      expect(error).toMatchObject({ streamName: stream });
      return;
    }
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({
      streamName: stream,
      expectedVersion: expected,
      actualVersion: refusal.current,
    });
  });
});

describe('A refused append', () => {
  it('leaves nothing behind, however many events it had', async () => {
    const stream = uniqueName();
    await store.client.appendToStream(stream, numberedEvents(3));
    await failureOf(store.client.appendToStream(stream, numberedEvents(50), { expectedRevision: 7n }));
    expect(numbersOf(await readWhole(store.client, stream))).toEqual([0, 1, 2]);
  });

  it('to a missing stream does not create it', async () => {
    const stream = uniqueName();
    await failureOf(store.client.appendToStream(stream, numberedEvents(1), { expectedRevision: 0n }));
    const result = await store.client.appendToStream(stream, numberedEvents(1), {
      expectedRevision: NO_STREAM,
    });
    expect(result.nextExpectedRevision).toBe(0n);
  });
});

describe('Appends that race with the same expected revision', () => {
  it('have exactly one winner in every round', async () => {
    const stream = uniqueName();
    const rounds = 20;
    const contenders = 10;
    for (let round = 0; round < rounds; round += 1) {
      const expectedRevision = round === 0 ? NO_STREAM : BigInt(round - 1);
      const outcomes = await Promise.allSettled(
        Array.from({ length: contenders }, () =>
          store.client.appendToStream(stream, numberedEvents(1, 'Numbered', round), { expectedRevision }),
        ),
      );
      const losers = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(losers).toHaveLength(contenders - 1);
      for (const loser of losers) expect(loser.reason).toBeInstanceOf(WrongExpectedVersionError);
    }
    expect(await readWhole(store.client, stream)).toHaveLength(rounds);
  });
});
