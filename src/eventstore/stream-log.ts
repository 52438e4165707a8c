/**
 * The streams of one category as the commands see them: events of known types in, events of known types out.
 */
import type { Codec } from './codec.ts';
import { type EncodedEvent, encodeEvents } from './encode.ts';
import { CorruptEventError } from './errors.ts';
import type { StreamName } from './names.ts';
import type { EventStore } from './store.ts';

type Cause = {
  readonly commandId: string;
  readonly correlationId: string;
  readonly actor: string;
  readonly mode?: string;
};

export type StreamLog<Event> = {
  readonly encode: (
    stream: string,
    events: readonly Event[],
    cause: Cause,
    idSeed: string,
  ) => readonly EncodedEvent[];
  readonly append: (
    stream: string,
    expected: bigint | 'no_stream',
    events: readonly EncodedEvent[],
  ) => Promise<{ readonly kind: 'appended' } | { readonly kind: 'wrong-expected-revision' }>;
  readonly read: (
    stream: string,
    from: bigint,
  ) => AsyncIterable<readonly { readonly event: Event; readonly revision: bigint }[]>;
};

/** Its functions throw EventStoreError, and CorruptEventError for an event that cannot be decided on. */
export function createStreamLog<Event extends { readonly type: string; readonly data: unknown }>(
  store: Pick<EventStore, 'append' | 'read'>,
  codec: Codec<Event>,
): StreamLog<Event> {
  return {
    encode: (stream, events, { commandId, correlationId, actor, mode }, idSeed) => {
      const context = { causationId: commandId, correlationId, actor, mode };
      return encodeEvents(codec, stream as StreamName, events, context, 0, idSeed);
    },
    append: (stream, expected, events) => store.append(stream as StreamName, expected, events),
    read: async function* (stream, from) {
      for await (const page of store.read(stream as StreamName, from)) {
        yield page.map((stored) => {
          const decoded = codec.decode(stored);
          // Of a later release: whoever decides without it might sell what it has sold.
          if (decoded.kind === 'unknown')
            throw new CorruptEventError(stored, ['type: not known to this release']);
          return { event: decoded.event, revision: stored.revision };
        });
      }
    },
  };
}
