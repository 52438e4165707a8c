/**
 * How often a request is sent again: a shedding engine is obeyed, a lost one is waited for, both within
 * bounds.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, ConnectionLost, type Http, type Request } from './http.ts';

const SECOND_MS = 1_000;
const BUSY: ReadonlySet<number> = new Set([429, 503]);
const MAX_BUSY_RETRIES = 30;
const DEFAULT_RETRY_AFTER_MS = SECOND_MS;
const MAX_RETRY_AFTER_MS = 10 * SECOND_MS;
/** A kept connection may be closed just when it is used: that is no failure of the engine. */
const MAX_LOST = 2;
/** Long enough for an engine with a large log to come back. */
const RESTART_PATIENCE_MS = 180 * SECOND_MS;
const LOST_DELAY_MS = 50;
const MAX_LOST_DELAY_MS = SECOND_MS;

export type Patience = {
  /** Lost connections are tried again for minutes. The request must be safe to repeat. */
  readonly tolerateRestarts: boolean;
  readonly onRetry: (why: 'busy' | 'lost') => void;
  /** For tests. */
  readonly sleep?: (ms: number) => Promise<unknown>;
  readonly nowMs?: () => number;
};

/**
 * The last answer, which may still be a busy one. Rejects with `ConnectionLost` when no answer came in
 * time.
 */
export async function insist(
  http: Pick<Http, 'send'>,
  request: Request,
  patience: Patience,
): Promise<Answer> {
  const { onRetry, sleep = delay, nowMs = () => performance.now() } = patience;
  const untilMs = nowMs() + RESTART_PATIENCE_MS;
  let busy = 0;
  let lost = 0;
  for (;;) {
    try {
      const answer = await http.send(request);
      if (!BUSY.has(answer.status) || busy >= MAX_BUSY_RETRIES) return answer;
      busy += 1;
      onRetry('busy');
      await sleep(Math.min(answer.retryAfterMs ?? DEFAULT_RETRY_AFTER_MS, MAX_RETRY_AFTER_MS));
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      lost += 1;
      if (patience.tolerateRestarts ? nowMs() >= untilMs : lost > MAX_LOST) throw error;
      onRetry('lost');
      await sleep(Math.min(LOST_DELAY_MS * lost, MAX_LOST_DELAY_MS));
    }
  }
}
