/** The warm streams of a category: one per aggregate, as many as memory is given for, the least used let go. */
import { LRUCache } from 'lru-cache';
import { createWarmStream, type WarmStream, type WarmStreamOptions } from './warm-stream.ts';

export type WarmStreams<Id, Command, State, Outcome> = {
  readonly of: (id: Id) => WarmStream<Command, State, Outcome>;
  /** The streams where commands wait, with how many. */
  readonly queues: () => readonly { readonly stream: string; readonly queued: number }[];
};

export type WarmStreamsOptions<Id, Command, Event, State, Outcome> = Omit<
  WarmStreamOptions<Command, Event, State, Outcome>,
  'stream'
> & {
  readonly streamOf: (id: Id) => string;
  readonly maxWarm: number;
};

/**
 * A stream that is let go while commands wait in it finishes them. Should it be asked for again meanwhile, two hold
 * it, and the expected revision keeps them apart as it does two processes.
 */
export const createWarmStreams = <Id, Command, Event, State, Outcome>({
  streamOf,
  maxWarm,
  ...options
}: WarmStreamsOptions<Id, Command, Event, State, Outcome>): WarmStreams<Id, Command, State, Outcome> => {
  const warm = new LRUCache<string, WarmStream<Command, State, Outcome>>({ max: maxWarm });
  return {
    of: (id) => {
      const stream = streamOf(id);
      const known = warm.get(stream);
      if (known !== undefined) return known;
      const created = createWarmStream({ ...options, stream });
      warm.set(stream, created);
      return created;
    },
    queues: () =>
      [...warm.entries()]
        .map(([stream, { queued }]) => ({ stream, queued: queued() }))
        .filter(({ queued }) => queued > 0),
  };
};
