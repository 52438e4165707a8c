/**
 * The state of a stream as far as this process knows it: what the log has confirmed, and on top of it what a batch
 * in flight assumes. Assumptions that do not come true are forgotten, by going back to a copy taken earlier.
 */
import type { Decider } from '../domain/shared/decider.ts';
import type { Snapshot, SnapshotStore, StreamLog, StreamRevision } from './ports.ts';

/** Confirmed events between two copies: going back replays at most these. */
const EVENTS_PER_COPY = 512;
/** Events between two snapshots: a cold start replays at most these, and a few that were not kept yet. */
const EVENTS_PER_SNAPSHOT = 5_000;

/** How a state is copied and kept. `copy` may answer the state itself where `evolve` never changes one. */
export type StateKeeping<State> = {
  readonly copy: (state: State) => State;
  /** Where there are snapshots: their bytes. Undefined from `thaw` for bytes of another version. */
  readonly durable?:
    | {
        readonly freeze: (state: State) => Uint8Array;
        readonly thaw: (bytes: Uint8Array) => State | undefined;
        readonly store: SnapshotStore;
      }
    | undefined;
};

export type HeldStateOptions<Event, State> = {
  readonly stream: string;
  readonly decider: Pick<Decider<never, Event, State, unknown>, 'initial' | 'evolve'>;
  readonly log: Pick<StreamLog<Event>, 'read'>;
  readonly keeping: StateKeeping<State>;
};

export type HeldState<Event, State> = {
  readonly state: () => State;
  readonly revision: () => StreamRevision;
  /** False until the log has been read, and after assumptions were forgotten. */
  readonly isFresh: () => boolean;
  /** Applies what the log has beyond what is known. True where there was something. Nothing may be assumed. */
  readonly readForward: () => Promise<boolean>;
  readonly assume: (event: Event) => void;
  /** The log has what was assumed. */
  readonly confirm: () => void;
  readonly forgetAssumed: () => void;
};

export const createHeldState = <Event, State>(
  options: HeldStateOptions<Event, State>,
): HeldState<Event, State> => {
  const { stream, decider, log, keeping } = options;
  let state = decider.initial();
  let next = 0n;
  let copy = { state: keeping.copy(state), next };
  let sinceCopy: Event[] = [];
  let assumed: Event[] = [];
  let nextAtSnapshot = 0n;
  let isLoaded = false;
  let isFresh = false;

  const takeCopy = (): void => {
    copy = { state: keeping.copy(state), next };
    sinceCopy = [];
  };

  const load = async (): Promise<void> => {
    const snapshot = await keeping.durable?.store.load(stream);
    const thawed = snapshot && keeping.durable?.thaw(snapshot.bytes);
    if (snapshot !== undefined && thawed !== undefined) {
      state = thawed;
      next = snapshot.revision + 1n;
      nextAtSnapshot = next;
    }
    takeCopy();
    isLoaded = true;
  };

  const keep = (): void => {
    if (sinceCopy.length >= EVENTS_PER_COPY) takeCopy();
    const { durable } = keeping;
    if (durable === undefined || next - nextAtSnapshot < EVENTS_PER_SNAPSHOT) return;
    nextAtSnapshot = next;
    const snapshot: Snapshot = { revision: next - 1n, bytes: durable.freeze(state) };
    // A snapshot that cannot be kept makes a later start slower, nothing else.
    durable.store.save(stream, snapshot).catch(() => {});
  };

  return {
    state: () => state,
    revision: () => (next === 0n ? 'no_stream' : next - 1n),
    isFresh: () => isFresh,
    readForward: async () => {
      if (!isLoaded) await load();
      const before = next;
      for await (const page of log.read(stream, next)) {
        for (const { event, revision } of page) {
          state = decider.evolve(state, event);
          sinceCopy.push(event);
          next = revision + 1n;
        }
        keep();
      }
      isFresh = true;
      return next > before;
    },
    assume: (event) => {
      assumed.push(event);
      state = decider.evolve(state, event);
    },
    confirm: () => {
      next += BigInt(assumed.length);
      sinceCopy.push(...assumed);
      assumed = [];
      keep();
    },
    forgetAssumed: () => {
      isFresh = false;
      if (assumed.length === 0) return;
      assumed = [];
      state = keeping.copy(copy.state);
      for (const event of sinceCopy) state = decider.evolve(state, event);
    },
  };
};
