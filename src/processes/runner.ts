/**
 * Runs a process: it reacts to events of the log, in order within a stream, and goes on from its checkpoint after
 * whatever happened to it. An event is reacted to at least once and never passed over: one that fails is tried for
 * ever, is seen in the state, and holds up its own stream, while the others go on for as long as memory allows.
 */
import type { Sleep } from '../commands/ports.ts';
import { createProgress, type OpenBatch, type ProcessCheckpoint, type Progress } from './progress.ts';

export type { Sleep } from '../commands/ports.ts';
export type { ProcessCheckpoint } from './progress.ts';

/** Reacting at a time, each in another row. */
const MAX_CONCURRENT = 16;
/** Events in memory that are not done: beyond them an event that fails holds up every stream. */
const MAX_OPEN_EVENTS = 2_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 30_000;
/** Failures that a store's restart may cause; from then on somebody is told, and again at each doubling. */
const TOLD_AFTER_TRIES = 4;

/** An event with its place in the log. */
export type ProcessEvent<Event> = Event & {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly recordedAtMs: number;
  readonly metadata: { readonly correlationId: string };
};

export type Process<Event extends { readonly type: string }> = {
  readonly name: string;
  /** Other events are passed over. */
  readonly handles: readonly Event['type'][];
  /**
   * Resolves when what the event asks for is durable. May be called again for an event it has reacted to, also by
   * another node at the same time. Whatever it rejects with, it is called again.
   */
  readonly react: (event: ProcessEvent<Event>) => Promise<void>;
  /** Events that this answers the same for are reacted to in their order; by default those of a stream. */
  readonly orderedBy?: (event: ProcessEvent<Event>) => string;
};

type Place = { readonly stream: string; readonly revision: bigint; readonly type: string };

/** An event, or one that cannot be read as what its type says: a process that wants it cannot go on behind it. */
export type ProcessIncoming<Event> =
  | { readonly kind: 'event'; readonly event: ProcessEvent<Event> }
  | { readonly kind: 'corrupt'; readonly event: Place; readonly error: Error };

export type ProcessSource<Event> = {
  /** Begins behind `from`, in the order of the log. */
  readonly start: (
    from: bigint | 'start',
    onBatch: (batch: {
      readonly events: readonly ProcessIncoming<Event>[];
      /** Everything up to here has been seen. */
      readonly position: bigint;
    }) => Promise<void>,
  ) => { readonly stop: () => Promise<void> };
};

export type Stuck = Place & { readonly error: string; readonly sinceMs: number; readonly tries: number };

export type ProcessState = {
  readonly name: string;
  /** Everything up to here is done; undefined before anything is. */
  readonly position: bigint | undefined;
  /** Events reacted to since the start of this run. */
  readonly reacted: number;
  /** Events that are waiting or at work. */
  readonly open: number;
  /** Of the events that are failing the one that has for longest. */
  readonly stuckAt?: Stuck;
};

export type RunningProcess = {
  readonly state: () => ProcessState;
  /** Waits for what is being reacted to, then writes the checkpoint. */
  readonly stop: () => Promise<void>;
};

export type ProcessOptions<Event extends { readonly type: string }> = {
  readonly process: Process<Event>;
  /** Reads events by the engine's codec, and may have more of them than the process wants. */
  readonly source: ProcessSource<{ readonly type: string }>;
  readonly checkpoint: ProcessCheckpoint;
  readonly nowMs: () => number;
  readonly sleep: Sleep;
  /** An event goes on failing: called at its fourth failure, and whenever their number has doubled. */
  readonly onStuck: (name: string, stuck: Stuck) => void;
  readonly maxConcurrent?: number;
  readonly maxOpenEvents?: number;
};

/** Returns at once; a checkpoint that cannot be loaded is waited for. */
export const startProcess = <Event extends { readonly type: string }>(
  options: ProcessOptions<Event>,
): RunningProcess => {
  const { process, source, checkpoint, sleep } = options;
  const stop = new AbortController();
  const reactor = createReactor(options, stop.signal);
  const types = new Set<string>(process.handles);
  const isWanted = (
    incoming: ProcessIncoming<{ readonly type: string }>,
  ): incoming is ProcessIncoming<Event> => types.has(incoming.event.type);
  let progress: Progress | undefined;
  let subscription: { readonly stop: () => Promise<void> } | undefined;

  const begin = async (): Promise<void> => {
    const from = await loadCheckpoint(checkpoint, sleep, stop.signal);
    if (stop.signal.aborted) return;
    const now = createProgress(checkpoint, sleep, stop.signal, from);
    progress = now;
    subscription = source.start(from ?? 'start', async ({ events, position }) => {
      if (stop.signal.aborted) return;
      const wanted = events.filter(isWanted);
      const batch = now.begin(position, wanted.length);
      for (const incoming of wanted) reactor.add(incoming, now, batch);
      await now.room(options.maxOpenEvents ?? MAX_OPEN_EVENTS);
    });
  };

  const begun = begin();
  return {
    state: () => {
      const stuckAt = reactor.longestStuck();
      return {
        name: process.name,
        position: progress?.position(),
        reacted: reactor.reacted(),
        open: progress?.openEvents() ?? 0,
        ...(stuckAt !== undefined && { stuckAt }),
      };
    },
    stop: async () => {
      stop.abort();
      await begun;
      await subscription?.stop();
      await reactor.idle();
      await progress?.close();
    },
  };
};

const loadCheckpoint = async (
  checkpoint: ProcessCheckpoint,
  sleep: Sleep,
  stopping: AbortSignal,
): Promise<bigint | undefined> => {
  for (let tries = 1; !stopping.aborted; tries++) {
    try {
      return await checkpoint.load();
    } catch {
      await sleep(delayMs(tries), stopping);
    }
  }
  return undefined;
};

type Reactor<Event> = {
  /** Behind what its stream has waiting. */
  readonly add: (incoming: ProcessIncoming<Event>, progress: Progress, batch: OpenBatch) => void;
  readonly reacted: () => number;
  readonly longestStuck: () => Stuck | undefined;
  readonly idle: () => Promise<void>;
};

const createReactor = <Event extends { readonly type: string }>(
  options: Omit<ProcessOptions<Event>, 'source'>,
  stopping: AbortSignal,
): Reactor<Event> => {
  const { process, nowMs, sleep } = options;
  const slots = createSlots(options.maxConcurrent ?? MAX_CONCURRENT);
  /** The end of each row: events of one are done one after the other. */
  const rows = new Map<string, Promise<void>>();
  const rowOf = (incoming: ProcessIncoming<Event>): string =>
    (incoming.kind === 'event' && process.orderedBy?.(incoming.event)) || incoming.event.stream;
  const stuck = new Map<string, Stuck>();
  let reacted = 0;

  const react = async (incoming: ProcessIncoming<Event>): Promise<boolean> => {
    const leave = await slots.enter();
    try {
      if (stopping.aborted) return false;
      if (incoming.kind === 'corrupt') throw incoming.error;
      await process.react(incoming.event);
      return true;
    } finally {
      leave();
    }
  };

  const fail = (row: string, { stream, revision, type }: Place, error: unknown, tries: number): void => {
    const sinceMs = stuck.get(row)?.sinceMs ?? nowMs();
    const now = { stream, revision, type, error: messageOf(error), sinceMs, tries };
    stuck.set(row, now);
    if (tries >= TOLD_AFTER_TRIES && Number.isInteger(Math.log2(tries))) options.onStuck(process.name, now);
  };

  const reactUntilDone = async (row: string, incoming: ProcessIncoming<Event>): Promise<boolean> => {
    // The bound of this loop is its delay: an event is never passed over.
    for (let tries = 1; !stopping.aborted; tries++) {
      try {
        const done = await react(incoming);
        stuck.delete(row);
        return done;
      } catch (error) {
        fail(row, incoming.event, error, tries);
        await sleep(delayMs(tries), stopping);
      }
    }
    return false;
  };

  return {
    add: (incoming, progress, batch) => {
      const row = rowOf(incoming);
      const last = (rows.get(row) ?? Promise.resolve()).then(async () => {
        if (await reactUntilDone(row, incoming)) {
          reacted++;
          progress.finish(batch);
        }
        if (rows.get(row) === last) rows.delete(row);
      });
      rows.set(row, last);
    },
    reacted: () => reacted,
    longestStuck: () => [...stuck.values()].sort((one, other) => one.sinceMs - other.sinceMs)[0],
    idle: async () => {
      await Promise.all(rows.values());
    },
  };
};

const delayMs = (tries: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** Math.min(tries - 1, 16), MAX_DELAY_MS);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** So many inside at a time; whoever waits enters in turn. */
const createSlots = (count: number) => {
  let free = count;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    enter: async (): Promise<() => void> => {
      if (free > 0) free--;
      else await new Promise<void>((enter) => waiting.push(enter));
      return leave;
    },
  };
};
