/**
 * The state of a stream as far as this process knows it: what the log has confirmed, and on top of it what a batch
 * in flight assumes. Assumptions that do not come true are taken back.
 */
import type { Decider } from '../domain/shared/decider.ts';
import type { SnapshotStore, StreamLog, StreamRevision } from './ports.ts';

/** Events between two snapshots: a cold start replays at most these, and a few that were not kept yet. */
const EVENTS_PER_SNAPSHOT = 5_000;

/** How an aggregate whose `evolve` changes its state in place takes back what was evolved since `open`. */
export type Batches<State> = {
  readonly open: (state: State) => void;
  readonly keep: (state: State) => void;
  readonly undo: (state: State) => void;
};

/** For large states: kept as bytes now and then, so that a cold start need not read everything. */
export type Snapshots<State> = {
  readonly freeze: (state: State) => Uint8Array;
  /** Undefined for bytes of another version, and for the state of another stream. */
  readonly thaw: (bytes: Uint8Array, stream: string) => State | undefined;
  readonly store: SnapshotStore;
};

export type HeldStateOptions<Event, State> = {
  readonly stream: string;
  readonly decider: Pick<Decider<never, Event, State, unknown>, 'initial' | 'evolve'>;
  readonly log: Pick<StreamLog<Event>, 'read'>;
  /** Left out where `evolve` answers a new state and leaves the old one alone. */
  readonly batches?: Batches<State> | undefined;
  readonly snapshots?: Snapshots<State> | undefined;
};

export type HeldState<Event, State> = {
  readonly state: () => State;
  readonly revision: () => StreamRevision;
  /** False until the log has been read, and after an append whose outcome is not known. */
  readonly isFresh: () => boolean;
  /** Applies what the log has beyond what is known. Nothing may be assumed. */
  readonly readForward: () => Promise<void>;
  readonly assume: (event: Event) => void;
  /** The log has what was assumed. */
  readonly confirm: () => void;
  readonly forgetAssumed: () => void;
};

const isInLog = async (
  log: Pick<StreamLog<unknown>, 'read'>,
  stream: string,
  revision: bigint,
): Promise<boolean> => {
  for await (const [first] of log.read(stream, revision)) return first?.revision === revision;
  return false;
};

export const createHeldState = <Event, State>(
  options: HeldStateOptions<Event, State>,
): HeldState<Event, State> => {
  const { stream, decider, log, batches, snapshots } = options;
  let state = decider.initial();
  let next = 0n;
  let beforeBatch: State | undefined;
  let assumed = 0n;
  let nextAtSnapshot = 0n;
  let isLoaded = false;
  let isFresh = false;

  /** Without a snapshot that can be had, and is of this log, the stream is read from its start. */
  const load = async (): Promise<void> => {
    const snapshot = await snapshots?.store.load(stream).catch(() => undefined);
    const thawed = snapshot && snapshots?.thaw(snapshot.bytes, stream);
    if (snapshot !== undefined && thawed !== undefined) {
      const { revision } = snapshot;
      if (await isInLog(log, stream, revision)) {
        state = thawed;
        next = revision + 1n;
        nextAtSnapshot = next;
      } else {
        // The log was set back: once it is as long again, nothing would tell that this was another one.
        await snapshots?.store.discard(stream, revision);
      }
    }
    isLoaded = true;
  };

  const keepSnapshot = (): void => {
    if (snapshots === undefined || next - nextAtSnapshot < EVENTS_PER_SNAPSHOT) return;
    nextAtSnapshot = next;
    // A snapshot that cannot be kept makes a later start slower, nothing else.
    snapshots.store.save(stream, { revision: next - 1n, bytes: snapshots.freeze(state) }).catch(() => {});
  };

  const closeBatch = (): void => {
    assumed = 0n;
    beforeBatch = undefined;
  };

  return {
    state: () => state,
    revision: () => (next === 0n ? 'no_stream' : next - 1n),
    isFresh: () => isFresh,
    readForward: async () => {
      if (!isLoaded) await load();
      for await (const page of log.read(stream, next)) {
        for (const { event, revision } of page) {
          state = decider.evolve(state, event);
          next = revision + 1n;
        }
        keepSnapshot();
      }
      isFresh = true;
    },
    assume: (event) => {
      if (assumed === 0n) {
        beforeBatch = state;
        batches?.open(state);
      }
      assumed++;
      state = decider.evolve(state, event);
    },
    confirm: () => {
      if (assumed > 0n) batches?.keep(state);
      next += assumed;
      closeBatch();
      keepSnapshot();
    },
    forgetAssumed: () => {
      isFresh = false;
      if (assumed === 0n || beforeBatch === undefined) return;
      state = beforeBatch;
      batches?.undo(state);
      closeBatch();
    },
  };
};
