/** The log as the projections read it: one filtered subscription to `$all`, every event decoded once. */
import { type Codec, CorruptEventError, type EventStore, type StoredEvent } from '../eventstore/index.ts';
import type { Incoming, Source } from './runner.ts';

/** A batch that the database cannot take now is offered again for as long as it takes. */
const UNTIL_IT_WORKS = Number.MAX_SAFE_INTEGER;

export const logSource = <Event extends { readonly type: string }>(
  store: Pick<EventStore, 'subscribeToAll'>,
  codec: Codec<Event>,
  streamPrefixes: readonly string[],
): Source<Event> => ({
  start: (from, onBatch) =>
    store.subscribeToAll({
      name: 'projections',
      filter: { streamPrefixes },
      from,
      consumerMaxRetries: UNTIL_IT_WORKS,
      onBatch: ({ events, position }) =>
        onBatch({ events: events.flatMap((stored) => incoming(codec, stored)), position }),
    }),
});

/** Nothing for a type of a later release: no projection of this one can want it. */
const incoming = <Event extends { readonly type: string }>(
  codec: Codec<Event>,
  stored: StoredEvent,
): readonly Incoming<Event>[] => {
  try {
    const decoded = codec.decode(stored);
    return decoded.kind === 'event' ? [{ kind: 'event', event: decoded.event }] : [];
  } catch (error) {
    if (!(error instanceof CorruptEventError)) throw error;
    return [{ kind: 'corrupt', event: stored, error }];
  }
};
