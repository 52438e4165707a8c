/** Asks the event store for a sign of life, until the engine has a client wrapper whose own it can use. */
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';

export type EventStoreProbe = { ping(): Promise<void>; close(): Promise<void> };

export function openEventStoreProbe(url: string): EventStoreProbe {
  const client = EventStoreDBClient.connectionString(url);
  return {
    async ping() {
      for await (const _ of client.readAll({ direction: FORWARDS, fromPosition: START, maxCount: 1 })) break;
    },
    close: () => client.dispose(),
  };
}
