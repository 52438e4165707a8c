/** What rebuilds are held against: the event store's client with nothing around it, in one read of the whole log. */
import { EventStoreDBClient, type ResolvedEvent, type StreamingRead } from '@eventstore/db-client';

const NO_MORE_THAN_EVENTS = 1_000_000_000;

export type ClientAlone = {
  /** Reads every event, throws it away, and answers how many there are. */
  readonly readAll: (signal: AbortSignal) => Promise<number>;
  readonly close: () => Promise<void>;
};

export const openClientAlone = (connectionString: string): ClientAlone => {
  const client = EventStoreDBClient.connectionString(connectionString);
  return {
    readAll: (signal) => countOf(client.readAll({ maxCount: NO_MORE_THAN_EVENTS }), signal),
    close: () => client.dispose(),
  };
};

/** By events and not by iteration, which costs the client more. */
const countOf = (read: StreamingRead<ResolvedEvent>, signal: AbortSignal): Promise<number> =>
  new Promise((done, fail) => {
    let events = 0;
    const stop = (): void => {
      fail(signal.reason);
      read.cancel().catch(() => undefined);
    };
    signal.addEventListener('abort', stop, { once: true });
    read.on('data', () => {
      events += 1;
    });
    read.on('end', () => {
      signal.removeEventListener('abort', stop);
      done(events);
    });
    read.on('error', fail);
  });
