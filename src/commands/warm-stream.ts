/**
 * One aggregate kept warm: commands that arrive while an append is in flight are decided together and appended
 * in one batch with one expected revision. Whoever else wrote meanwhile is read, and the batch decided again.
 */
import { randomUUID } from 'node:crypto';
import type { Decider } from '../domain/shared/decider.ts';
import { createHeldState, type HeldStateOptions } from './held-state.ts';
import type { CommandContext, Encoded, StreamLog } from './ports.ts';

/** Commands waiting for one stream. More are refused instead of waiting longer than anyone would. */
const MAX_QUEUED = 10_000;
const MAX_BATCH_COMMANDS = 2_000;
/** The contract's limit is 1 MiB for an append; half of it keeps one batch from holding up the next. */
const MAX_BATCH_BYTES = 500_000;
/** A batch that meets other writers this often in a row gives up. */
const MAX_CONFLICTS = 50;

/** The stream cannot take the command now. Nothing was decided; the caller may come again. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

export type WarmStreamOptions<Command, Event, State, Outcome> = Omit<
  HeldStateOptions<Event, State>,
  'decider' | 'log'
> & {
  readonly decider: Decider<Command, Event, State, Outcome>;
  readonly log: StreamLog<Event>;
};

export type WarmStream<Command, State, Outcome> = {
  /**
   * Resolves when the outcome is durable: its events are in the log, or, where it has none, it was decided on what
   * the log said after the command arrived. Rejects with OverloadedError, or with what the
   * log rejects with.
   */
  readonly submit: (command: Command, context: CommandContext) => Promise<Outcome>;
  /** As `submit`, decided on what the log says after the command arrived, also where memory would have done. */
  readonly submitAfresh: (command: Command, context: CommandContext) => Promise<Outcome>;
  /** What the stream's newest state says, at the price of a look at the log. Rejects as `submit` does. */
  readonly ask: <Answer>(question: (state: State) => Answer) => Promise<Answer>;
  /** What is in memory: free, perhaps behind, perhaps ahead by a batch in flight. Undefined before the first look. */
  readonly peek: () => State | undefined;
  readonly queued: () => number;
};

/**
 * What memory says, where it says anything, else what the log says: for what stays true once it is, and for what a
 * later step makes sure of. Rejects as `ask` does.
 */
export const recall = async <State, Answer>(
  { peek, ask }: Pick<WarmStream<never, State, unknown>, 'peek' | 'ask'>,
  question: (state: State) => Answer | undefined,
): Promise<Answer | undefined> => {
  const known = peek();
  return (known && question(known)) ?? ask(question);
};

/** A command or a question. Deciding it answers the events it needs, and how to say the outcome once they are kept. */
type Waiting<Event, State> = {
  readonly decide: (state: State) => { readonly events: readonly Event[]; readonly settle: () => void };
  readonly encode: (events: readonly Event[]) => readonly Encoded[];
  readonly reject: (error: unknown) => void;
  /** The log is to be looked at before this is decided. */
  readonly isAfresh: boolean;
};

type Batch = {
  readonly settle: (() => void)[];
  readonly encoded: Encoded[];
  bytes: number;
  taken: number;
};

export const createWarmStream = <Command, Event, State, Outcome>(
  options: WarmStreamOptions<Command, Event, State, Outcome>,
): WarmStream<Command, State, Outcome> => {
  const { stream, decider, log } = options;
  const held = createHeldState(options);
  /**
   * The store takes events with known ids at a known place for a repetition. So no two decisions share ids, not
   * even of one command: another node, or an earlier try, may have decided it otherwise.
   */
  const writer = randomUUID();
  let submitted = 0;
  let waiting: Waiting<Event, State>[] = [];
  let isRunning = false;

  const decideBatch = (): Batch => {
    const batch: Batch = { settle: [], encoded: [], bytes: 0, taken: 0 };
    while (batch.taken < Math.min(waiting.length, MAX_BATCH_COMMANDS) && batch.bytes < MAX_BATCH_BYTES) {
      const { decide, encode } = waiting[batch.taken] as Waiting<Event, State>;
      const { events, settle } = decide(held.state());
      const encoded = events.length === 0 ? [] : encode(events);
      batch.bytes += encoded.reduce((sum, event) => sum + event.sizeBytes, 0);
      if (batch.taken > 0 && batch.bytes > MAX_BATCH_BYTES) break;
      for (const event of events) held.assume(event);
      batch.encoded.push(...encoded);
      batch.settle.push(settle);
      batch.taken++;
    }
    return batch;
  };

  /** One batch from decision to acknowledgement. */
  const runBatch = async (): Promise<void> => {
    /** How many of those waiting had arrived when the log was last looked at: for them the state is new enough. */
    let seen = 0;
    const look = async (): Promise<void> => {
      const arrived = waiting.length;
      await held.readForward();
      seen = arrived;
    };
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const wantsLook = seen === 0 && waiting.some(({ isAfresh }) => isAfresh);
      if (!held.isFresh() || wantsLook) await look();
      let batch = decideBatch();
      if (batch.encoded.length === 0 && seen === 0) {
        // Refusals, repetitions and answers alone: they must not come from what others have changed since.
        await look();
        batch = decideBatch();
      }
      if (batch.encoded.length === 0) return settle(batch, Math.min(batch.taken, seen));
      const outcome = await log.append(stream, held.revision(), batch.encoded);
      if (outcome.kind === 'appended') {
        held.confirm();
        return settle(batch, batch.taken);
      }
      held.forgetAssumed();
    }
    throw new OverloadedError(`${stream} is written by others faster than this process can follow`);
  };

  const settle = (batch: Batch, count: number): void => {
    waiting = waiting.slice(count);
    for (const done of batch.settle.slice(0, count)) done();
  };

  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      try {
        await runBatch();
      } catch (error) {
        // Whether the batch was written is not known: what is held is dropped, and the log asked next time.
        held.forgetAssumed();
        const failed = waiting;
        waiting = [];
        for (const { reject } of failed) reject(error);
      }
    }
    isRunning = false;
  };

  const wait = (entry: Waiting<Event, State>): void => {
    if (waiting.length >= MAX_QUEUED) {
      entry.reject(new OverloadedError(`${stream} has too many waiting`));
      return;
    }
    waiting.push(entry);
    if (!isRunning) void run();
  };

  const submit = (command: Command, context: CommandContext, isAfresh: boolean): Promise<Outcome> =>
    new Promise((resolve, reject) => {
      const idSeed = `${writer}/${submitted++}`;
      wait({
        decide: (state) => {
          const { outcome, events } = decider.decide(command, state);
          return { events, settle: () => resolve(outcome) };
        },
        encode: (events) => log.encode(stream, events, context, idSeed),
        reject,
        isAfresh,
      });
    });

  return {
    queued: () => waiting.length,
    peek: () => (held.isFresh() ? held.state() : undefined),
    submit: (command, context) => submit(command, context, false),
    submitAfresh: (command, context) => submit(command, context, true),
    ask: (question) =>
      new Promise((resolve, reject) => {
        wait({
          decide: (state) => {
            const answer = question(state);
            return { events: [], settle: () => resolve(answer) };
          },
          encode: () => [],
          reject,
          isAfresh: false,
        });
      }),
  };
};
