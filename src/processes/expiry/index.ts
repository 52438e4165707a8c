/**
 * Ends unpaid orders and holds when their time is up. What is due is read from the deadlines read model, so no restart
 * forgets anybody; whether it really ends is the sale's decision, so a late read model ends nothing that was paid.
 */
import type { CommandContext, Sleep } from '../../commands/ports.ts';
import type { SaleCommand, SaleOutcome } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { commandFor, type Due, endingOf, keyOf } from './flow.ts';

const SECOND = 1_000;
const ACTOR = 'expiry';
/** Ended in one round; more are due for the next, which follows at once. */
const MAX_PER_ROUND = 500;
const MAX_SALES_AT_ONCE = 8;
/** A deadline that was set meanwhile is seen after this at the latest. */
const MAX_SLEEP_MS = SECOND;
/** While the read model lags behind what was ended here, and after a failed look. */
const LOOK_AGAIN_MS = SECOND / 2;
/** What has been ended is asked for again when the read model still has it after so long. */
const REMEMBERED_MS = 60 * SECOND;
/** A sale that cannot be written is left alone for so long, and for longer each time. */
const FIRST_RETRY_MS = 2 * SECOND;
const MAX_RETRY_MS = 60 * SECOND;
/** With so many ended ones still in the read model, expiry waits for it. */
const MAX_REMEMBERED = 20_000;

export type ExpiryDeps = {
  /** The longest overdue first, without those of some sales. */
  readonly dueDeadlines: (
    nowMs: number,
    limit: number,
    except: readonly ProgramId[],
  ) => Promise<readonly Due[]>;
  readonly nextDeadlineMs: () => Promise<number | undefined>;
  readonly submit: (
    programId: ProgramId,
    command: SaleCommand,
    context: CommandContext,
  ) => Promise<SaleOutcome>;
  readonly nowMs: () => number;
  readonly sleep: Sleep;
};

export type ExpiryState = {
  /** Overdue at the last look and not ended yet; of a sale that is left alone, what was tried. */
  readonly due: number;
  /** Since the start of this run. */
  readonly ended: number;
  /** Why something could not be ended or looked up; until a round goes well again. */
  readonly lastError: string | undefined;
};

export type Expiry = {
  readonly state: () => ExpiryState;
  /** Looks for what is due now. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
};

/** What was asked of a sale and need not be asked again before then; `isOver` while the read model lags behind it. */
type Remembered = { readonly untilMs: number; readonly isOver: boolean };

/** A sale that could not be written. What is due in it must not keep that of others waiting. */
type OutOfReach = { readonly untilMs: number; readonly delayMs: number; readonly due: number };

export const startExpiry = (deps: ExpiryDeps): Expiry => {
  const { nowMs } = deps;
  const stopping = new AbortController();
  let wake = new AbortController();
  let due = 0;
  let ended = 0;
  let lookError: string | undefined;
  let endError: string | undefined;
  const remembered = new Map<string, Remembered>();
  const outOfReach = new Map<ProgramId, OutOfReach>();

  const end = async (one: Due): Promise<void> => {
    const ending = endingOf(await submitExpiry(deps, one));
    const isOver = ending !== 'early';
    if (isOver && remembered.get(keyOf(one))?.isOver !== true) due--;
    remembered.set(keyOf(one), { untilMs: nowMs() + (isOver ? REMEMBERED_MS : LOOK_AGAIN_MS), isOver });
    if (ending === 'expired') ended++;
  };

  /** All of a sale together: it decides them in one batch. */
  const endAll = async ([programId, all]: readonly [ProgramId, readonly Due[]]): Promise<void> => {
    const results = await Promise.allSettled(all.map(end));
    const failures = results.filter((result) => result.status === 'rejected');
    const delayMs = Math.min(2 * (outOfReach.get(programId)?.delayMs ?? FIRST_RETRY_MS / 2), MAX_RETRY_MS);
    outOfReach.delete(programId);
    if (failures[0] === undefined) return;
    endError = messageOf(failures[0].reason);
    outOfReach.set(programId, { untilMs: nowMs() + delayMs, delayMs, due: failures.length });
  };

  /** Answers how long there is nothing to do. */
  const round = async (): Promise<number> => {
    const startedMs = nowMs();
    const leftAlone = [...outOfReach].filter(([, { untilMs }]) => untilMs > startedMs);
    const except = leftAlone.map(([programId]) => programId);
    const found = await deps.dueDeadlines(startedMs, MAX_PER_ROUND + remembered.size, except);
    forgetAllBut(remembered, found);
    due = found.filter((one) => remembered.get(keyOf(one))?.isOver !== true).length;
    for (const [, sale] of leftAlone) due += sale.due;
    const room = Math.max(0, Math.min(MAX_PER_ROUND, MAX_REMEMBERED - remembered.size));
    const now = found.filter((one) => (remembered.get(keyOf(one))?.untilMs ?? 0) <= startedMs).slice(0, room);
    if (leftAlone.length === 0) endError = undefined;
    await inTurns([...byProgram(now)], endAll);
    if (now.length > 0) return 0;
    const nextMs = await deps.nextDeadlineMs();
    if (nextMs === undefined) return MAX_SLEEP_MS;
    // What is overdue is left alone, or was ended already and waits for the read model.
    return nextMs <= startedMs ? LOOK_AGAIN_MS : Math.min(nextMs - startedMs, MAX_SLEEP_MS);
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      let pauseMs = LOOK_AGAIN_MS;
      try {
        pauseMs = await round();
        lookError = undefined;
      } catch (error) {
        lookError = messageOf(error);
      }
      if (pauseMs > 0) await deps.sleep(pauseMs, AbortSignal.any([stopping.signal, wake.signal]));
      wake = new AbortController();
    }
  };

  const running = run();
  return {
    state: () => ({ due, ended, lastError: lookError ?? endError }),
    wake: () => wake.abort(),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

const submitExpiry = (deps: ExpiryDeps, due: Due): Promise<SaleOutcome> => {
  const commandId = `expiry of ${keyOf(due)}`;
  return deps.submit(due.programId, commandFor(due, deps.nowMs()), {
    commandId,
    correlationId: commandId,
    actor: ACTOR,
  });
};

/** The read model has caught up with what it does not have any more. */
const forgetAllBut = (remembered: Map<string, Remembered>, found: readonly Due[]): void => {
  const keys = new Set(found.map(keyOf));
  for (const key of remembered.keys()) if (!keys.has(key)) remembered.delete(key);
};

const byProgram = (due: readonly Due[]): ReadonlyMap<ProgramId, readonly Due[]> => {
  const programs = new Map<ProgramId, Due[]>();
  for (const one of due) {
    const mine = programs.get(one.programId) ?? [];
    programs.set(one.programId, mine);
    mine.push(one);
  }
  return programs;
};

/** So many sales at a time. */
const inTurns = async <Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> => {
  const left = [...items];
  const workThrough = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: MAX_SALES_AT_ONCE }, workThrough));
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
