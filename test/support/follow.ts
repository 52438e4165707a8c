/**
 * Follows a subscription and lets a test await what it has seen, so that no test sleeps. A failed subscription and a
 * condition that does not come true in time both fail the test with what was seen so far.
 */
import type { ReadableSubscription } from '@eventstore/db-client';
import { onTestFinished } from 'vitest';

const CONDITION_TIMEOUT_MS = 20_000;

export type Follower<E> = {
  readonly events: E[];
  readonly seen: { confirmations: number; caughtUps: number };
  readonly failure: Error | undefined;
  /** Call this when a condition may have changed by something else than an event, for example a checkpoint. */
  poke(): void;
  until(condition: () => boolean, what: string): Promise<void>;
  count(count: number): Promise<void>;
  caughtUp(): Promise<void>;
  failed(): Promise<Error>;
  stop(): Promise<void>;
};

/** Starts reading at once; unsubscribes when the test ends. */
export function follow<E>(subscription: ReadableSubscription<E>, onEvent?: (event: E) => void): Follower<E> {
  const waiting = new Set<() => void>();
  const events: E[] = [];
  const seen = { confirmations: 0, caughtUps: 0 };
  let failure: Error | undefined;
  const poke = (): void => {
    for (const check of [...waiting]) check();
  };
  subscription.on('data', (event: E) => {
    events.push(event);
    onEvent?.(event);
    poke();
  });
  subscription.on('error', (error: Error) => {
    failure ??= error;
    poke();
  });
  subscription.on('confirmation', () => {
    seen.confirmations += 1;
    poke();
  });
  subscription.on('caughtUp', () => {
    seen.caughtUps += 1;
    poke();
  });
  const wait = (condition: () => boolean, what: string, mayFail: boolean): Promise<void> =>
    new Promise((done, fail) => {
      const timer = setTimeout(() => {
        waiting.delete(check);
        fail(new Error(`Waited in vain for ${what}: ${events.length} events, ${JSON.stringify(seen)}.`));
      }, CONDITION_TIMEOUT_MS);
      const check = (): void => {
        if (failure && !mayFail) fail(failure);
        else if (condition()) done();
        else return;
        clearTimeout(timer);
        waiting.delete(check);
      };
      timer.unref();
      waiting.add(check);
      check();
    });
  const stop = (): Promise<void> => subscription.unsubscribe();
  onTestFinished(async () => {
    if (!failure) await stop();
  });
  return {
    events,
    seen,
    get failure() {
      return failure;
    },
    poke,
    until: (condition, what) => wait(condition, what, false),
    count: (count) => wait(() => events.length >= count, `${count} events`, false),
    caughtUp: () => wait(() => seen.caughtUps > 0, 'caughtUp', false),
    failed: async () => {
      await wait(() => failure !== undefined, 'an error', true);
      return failure ?? new Error('unreachable');
    },
    stop,
  };
}
