/**
 * The stampede itself: every buyer orders once, in a closed loop, and follows up while the others still
 * order.
 */
import type { Acknowledgements } from './acknowledged.ts';
import { closedLoop } from './closed-loop.ts';
import type { Crowd } from './crowd.ts';
import { type EngineApi, type StatusAnswer, UnexpectedAnswer } from './engine-api.ts';
import { type FollowUps, startFollowUps, type Task } from './follow-ups.ts';
import { ConnectionLost } from './http.ts';
import type { Patience } from './insist.ts';
import type { Progress } from './progress.ts';
import type { Tally } from './tally.ts';
import type { TicketUserIds } from './ticket-user-ids.ts';

const SECOND_MS = 1_000;
const DEFAULT_POLL_MS = SECOND_MS;
/** A queued order has a deadline of seconds; an engine that was restarted takes a little longer. */
const MAX_POLLING_MS = 240 * SECOND_MS;
/** The read models may not have an order yet that its buyer already pays. */
const UNSEEN_DELAY_MS = 0.5 * SECOND_MS;
const MAX_UNSEEN_MS = 60 * SECOND_MS;

/** `share` is the part of all places that is in this category. */
export type WantedCategory = { readonly categoryId: string; readonly share: number };

export type Stampede = {
  readonly api: EngineApi;
  readonly crowd: Crowd;
  readonly ids: TicketUserIds;
  readonly programId: string;
  readonly categories: readonly WantedCategory[];
  /** Begins every Idempotency-Key; another for each run. */
  readonly requestPrefix: string;
  /** `/orders/v3`, or `/orders` for what the engine is set to. */
  readonly path: string;
  readonly connections: number;
  readonly followers: number;
  readonly tolerateRestarts: boolean;
  readonly tally: Tally;
  readonly acknowledged: Acknowledgements;
  readonly progress: Progress;
};

/** Resolves with a promise of the follow-ups, when the last first order has been answered. */
export async function stampede(run: Stampede): Promise<{ readonly followedUp: Promise<void> }> {
  const { crowd, tally, progress, connections } = run;
  const followUps = startFollowUps(run.followers, (task) => followUp(run, followUps, task));
  const phase = progress.phase(`rush ${run.path}`, crowd.buyers);
  let done = 0;
  tally.start(performance.now());
  try {
    await closedLoop(crowd.buyers, connections, async (turn) => {
      await followUps.room();
      await orderOnce(run, followUps, crowd.arrivals[turn] ?? 0);
      done += 1;
      phase.update(done, `${tally.counts.tickets} tickets given out`);
    });
  } catch (error) {
    // Their workers would go on looking for tasks for ever.
    void followUps.finish();
    throw error;
  } finally {
    tally.end(performance.now());
    phase.end(`${tally.counts.tickets} tickets given out`);
  }
  return { followedUp: followUps.finish() };
}

async function orderOnce(run: Stampede, followUps: FollowUps, buyer: number): Promise<void> {
  const { api, crowd, tally, acknowledged } = run;
  const userId = crowd.userId(buyer);
  const body = {
    programId: run.programId,
    ticketUserIds: run.ids.of(buyer),
    categoryId: categoryFor(run.categories, crowd.wish(buyer)),
  };
  tally.counts.requests += 1;
  const orderedAtMs = performance.now();
  let sentAtMs = orderedAtMs;
  const patience: Patience = {
    tolerateRestarts: run.tolerateRestarts,
    onRetry: (why) => {
      tally.counts[why === 'busy' ? 'retries' : 'lost'] += 1;
    },
    // The wait that the engine asked for is not its latency.
    sleep: (ms) =>
      new Promise((resolve) => {
        setTimeout(() => {
          sentAtMs = performance.now();
          resolve(undefined);
        }, ms);
      }),
  };
  try {
    const answer = await api.order(run.path, userId, `${run.requestPrefix}-${buyer}`, body, patience);
    const nowMs = performance.now();
    tally.answered(nowMs - sentAtMs);
    if (answer.kind === 'refused') tally.refused(answer.code);
    else if (answer.kind === 'failed') tally.failed(answer.code);
    else if (answer.kind === 'placed') {
      acknowledged.add(answer.orderNumber, buyer, 'placed');
      accept(run, followUps, buyer, answer.orderNumber, answer.tickets, orderedAtMs);
    } else {
      tally.counts.queued += 1;
      acknowledged.add(answer.orderNumber, buyer, 'queued');
      const dueAtMs = nowMs + (answer.retryAfterMs ?? DEFAULT_POLL_MS);
      followUps.add({ kind: 'poll', buyer, orderNumber: answer.orderNumber, orderedAtMs, dueAtMs });
    }
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error;
    tally.failed('connection_lost');
  }
}

/** The order is placed: what this buyer was going to do with it comes next. */
function accept(
  { crowd, tally }: Stampede,
  followUps: FollowUps,
  buyer: number,
  orderNumber: string,
  tickets: number,
  orderedAtMs: number,
): void {
  const nowMs = performance.now();
  tally.accepted(tickets, nowMs);
  const kind = crowd.intent(buyer);
  if (kind === 'leave') tally.counts.left += 1;
  else followUps.add({ kind, buyer, orderNumber, orderedAtMs, dueAtMs: nowMs });
}

async function followUp(run: Stampede, followUps: FollowUps, task: Task): Promise<void> {
  const { api, crowd, tally } = run;
  const userId = crowd.userId(task.buyer);
  try {
    if (task.kind === 'poll') {
      const answer = await api.status(userId, task.orderNumber);
      // The answer to an earlier try was lost on its way here: what counts is the order of that one.
      if (answer.repeats !== undefined) followUps.add({ ...task, orderNumber: answer.repeats });
      else decided(run, followUps, task, answer);
    } else if (task.kind === 'pay') {
      await api.pay(userId, task.orderNumber);
      tally.counts.paid += 1;
    } else {
      await api.cancel(userId, task.orderNumber);
      tally.counts.cancelled += 1;
    }
  } catch (error) {
    const nowMs = performance.now();
    const isUnseen = error instanceof UnexpectedAnswer && error.code === 'order_not_found';
    if (isUnseen && nowMs - task.orderedAtMs < MAX_UNSEEN_MS) {
      tally.counts.unseen += 1;
      followUps.add({ ...task, dueAtMs: nowMs + UNSEEN_DELAY_MS });
    } else {
      tally.failed(`${task.kind}: ${reasonOf(error)}`);
    }
  }
}

function decided(run: Stampede, followUps: FollowUps, task: Task, answer: StatusAnswer): void {
  const { tally, crowd, acknowledged } = run;
  const { buyer, orderNumber, orderedAtMs } = task;
  const nowMs = performance.now();
  if (answer.status === 'queued') {
    if (nowMs - orderedAtMs > MAX_POLLING_MS) tally.failed('poll: never decided');
    else followUps.add({ ...task, dueAtMs: nowMs + (answer.retryAfterMs ?? DEFAULT_POLL_MS) });
    return;
  }
  tally.decided(nowMs - orderedAtMs);
  if (answer.status === 'rejected') tally.refused(answer.refusal ?? 'rejected');
  else {
    acknowledged.add(orderNumber, buyer, 'placed');
    accept(run, followUps, buyer, orderNumber, crowd.partyOf(buyer), orderedAtMs);
  }
}

function categoryFor(categories: readonly WantedCategory[], wish: number): string {
  let left = wish;
  for (const { categoryId, share } of categories) {
    left -= share;
    if (left < 0) return categoryId;
  }
  const last = categories.at(-1);
  if (last === undefined) throw new Error('The program has no ticket category.');
  return last.categoryId;
}

function reasonOf(error: unknown): string {
  if (error instanceof ConnectionLost) return 'connection_lost';
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}
