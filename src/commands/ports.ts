/** What commands need of the outside, as types: the composition root passes the real things in. */

import type { DispatchMode } from '../domain/shared/dispatch-mode.ts';

export type StreamRevision = bigint | 'no_stream';

/** Why an event came to be, for its metadata. */
export type CommandContext = {
  readonly commandId: string;
  readonly correlationId: string;
  /** A user id or a process name; never a person's name. */
  readonly actor: string;
  /** Which dispatch mode the command goes through; only orders have one. */
  readonly mode?: DispatchMode;
};

/** Ready to be stored; only its size matters here. */
export type Encoded = { readonly sizeBytes: number };

export type Recorded<Event> = { readonly event: Event; readonly revision: bigint };

/** A category of streams in the log. Its functions reject where the store cannot be reached in time. */
export type StreamLog<Event, EncodedEvent extends Encoded = Encoded> = {
  /** `idSeed` decides the events' ids: two decisions must never share one, a repeated append must. */
  encode(
    stream: string,
    events: readonly Event[],
    context: CommandContext,
    idSeed: string,
  ): readonly EncodedEvent[];
  /** All or nothing. Repeating it with the same events and revision is safe. */
  append(
    stream: string,
    expected: StreamRevision,
    events: readonly EncodedEvent[],
  ): Promise<{ readonly kind: 'appended' } | { readonly kind: 'wrong-expected-revision' }>;
  /** The events from `revision` to the end, in pages; none for a missing stream. */
  read(stream: string, revision: bigint): AsyncIterable<readonly Recorded<Event>[]>;
};

/** A state at a revision. Losing one costs a longer load and nothing else. */
export type Snapshot = { readonly revision: bigint; readonly bytes: Uint8Array };

export type SnapshotStore = {
  readonly load: (stream: string) => Promise<Snapshot | undefined>;
  readonly save: (stream: string, snapshot: Snapshot) => Promise<void>;
  /** Deletes it, unless another revision has been saved meanwhile. */
  readonly discard: (stream: string, revision: bigint) => Promise<void>;
};

/** Resolves after the delay in ms, or at once when the signal fires. */
export type Sleep = (delayMs: number, signal?: AbortSignal) => Promise<void>;

/** A lock was not to be had in time: others were at work. Nothing was done; the caller may come again. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError';
}

export type Locks = {
  /** Does the work while holding all of these. Rejects with LockTimeoutError, or with what the work rejects with. */
  readonly holding: <Result>(names: readonly string[], work: () => Promise<Result>) => Promise<Result>;
};
