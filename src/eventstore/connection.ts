/**
 * The one client of the process and its successors. A client that has lost its server is not mended but
 * replaced, because it keeps promises of the old connection that may never settle, and because two of its
 * batch-append streams alive at once can end the process (see docs/adr/0003-event-store-client.md).
 */
import { setMaxListeners } from 'node:events';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { type AppendLane, createAppendLane } from './append-lane.ts';
import { connectClient, openClient, retireClient } from './client.ts';
import { translateError } from './client-errors.ts';
import { EventStoreError } from './errors.ts';
import type { Timing } from './timing.ts';

/** One client from its connecting to its loss. */
export type Generation = {
  readonly number: number;
  readonly client: EventStoreDBClient;
  readonly lane: AppendLane;
  /** Fires when the client is given up; nobody may start a call on it from then on. */
  readonly lost: AbortSignal;
  /** Tells that the server has answered something. */
  readonly heard: () => void;
  /** When it last did, in monotonic ms. */
  readonly heardAtMs: () => number;
};

export type Connection = {
  /** The client in use, connecting first where needed. Throws `unavailable`, `timed-out`, `closed`. */
  readonly generation: () => Generation | Promise<Generation>;
  /** Gives up a client whose connection has failed. Others' calls on it fail too and are repeated by them. */
  readonly giveUp: (generation: Generation, reason: EventStoreError) => void;
  /** Gives up a client whose server owes an answer, unless it has answered others in the last `silenceMs`. */
  readonly suspect: (generation: Generation, silenceMs: number, reason: EventStoreError) => void;
  readonly close: () => Promise<void>;
};

export type ConnectionOptions = {
  readonly connectionString: string;
  readonly connectTimeoutMs: number;
  readonly timing: Timing;
};

type Current = Generation & { readonly loss: AbortController };

export function createConnection(options: ConnectionOptions): Connection {
  const { timing } = options;
  let number = 0;
  let closed = false;
  let current: Current | undefined;
  let connecting: Promise<Generation> | undefined;
  let retired: Promise<void> = Promise.resolve();
  // Opened at once, so that a wrong connection string is reported to whoever passed it.
  let spare: EventStoreDBClient | undefined = openClient(options.connectionString, number);

  const connect = async (): Promise<Generation> => {
    await retired;
    if (closed) throw closedError();
    const client = spare ?? openClient(options.connectionString, ++number);
    spare = undefined;
    try {
      await connectClient(client, options.connectTimeoutMs);
    } catch (error) {
      retired = retireClient(client);
      throw translateError(error, 'Connecting to the event store');
    }
    if (closed) {
      await retireClient(client);
      throw closedError();
    }
    current = newGeneration(client, number, timing);
    return current;
  };

  const giveUp = (generation: Generation, reason: EventStoreError): void => {
    if (current !== generation) return;
    const { client, loss } = current;
    current = undefined;
    // Before anything else runs: from here on every append goes to the successor, or waits for it.
    retired = retireClient(client);
    loss.abort(reason);
  };

  return {
    generation: () => {
      if (current !== undefined) return current;
      if (closed) throw closedError();
      connecting ??= connect().finally(() => {
        connecting = undefined;
      });
      return connecting;
    },
    giveUp,
    suspect: (generation, silenceMs, reason) => {
      if (timing.monotonicMs() - generation.heardAtMs() >= silenceMs) giveUp(generation, reason);
    },
    close: async () => {
      closed = true;
      if (current !== undefined) giveUp(current, closedError());
      await connecting?.catch(() => undefined);
      if (spare !== undefined) await retireClient(spare);
      await retired;
    },
  };
}

const closedError = (): EventStoreError => new EventStoreError('closed', 'The event store was closed.');

function newGeneration(client: EventStoreDBClient, number: number, timing: Timing): Current {
  const loss = new AbortController();
  setMaxListeners(0, loss.signal);
  let heardAtMs = timing.monotonicMs();
  return {
    number,
    client,
    lane: createAppendLane(client, loss.signal, timing),
    loss,
    lost: loss.signal,
    heard: () => {
      heardAtMs = timing.monotonicMs();
    },
    heardAtMs: () => heardAtMs,
  };
}
