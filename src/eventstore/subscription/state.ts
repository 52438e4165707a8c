/**
 * What a subscription shows of itself: to a health check, to metrics and to the person who asks why a read
 * model is behind.
 */
import type { Timing } from '../timing.ts';
import { createRate } from './rate.ts';

export type SubscriptionStatus =
  | 'connecting'
  | 'catching-up'
  | 'live'
  /** Waiting before it connects again, or before its consumer is given a failed batch again. */
  | 'backing-off'
  | 'stopped'
  /** Over, because of `lastError`. */
  | 'failed';

export type SubscriptionState = {
  readonly name: string;
  readonly status: SubscriptionStatus;
  /**
   * Everything up to here is confirmed; undefined before the first event of a subscription from the start.
   */
  readonly confirmedPosition: bigint | undefined;
  /** When the last confirmed event was recorded, in ms since the epoch; undefined before the first. */
  readonly confirmedRecordedAtMs: number | undefined;
  readonly bufferedEvents: number;
  readonly confirmedEvents: number;
  readonly confirmedBatches: number;
  readonly eventsPerSecond: number;
  readonly reconnects: number;
  readonly consumerFailures: number;
  /** The last thing that went wrong, kept after recovery. */
  readonly lastError: Error | undefined;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export type StateKeeper = {
  readonly now: () => SubscriptionState;
  readonly change: (change: Partial<Omit<SubscriptionState, 'name' | 'eventsPerSecond'>>) => void;
  readonly confirmed: (events: number, position: bigint, recordedAtMs: number | undefined) => void;
};

/**
 * `onChange` is called when the status changes; what it throws is the caller's bug and ends the subscription.
 */
export function keepState(
  name: string,
  timing: Timing,
  bufferedEvents: () => number,
  onChange: (state: SubscriptionState) => void,
): StateKeeper {
  const rate = createRate(timing.monotonicMs);
  const state: Mutable<SubscriptionState> = {
    name,
    status: 'connecting',
    confirmedPosition: undefined,
    confirmedRecordedAtMs: undefined,
    bufferedEvents: 0,
    confirmedEvents: 0,
    confirmedBatches: 0,
    eventsPerSecond: 0,
    reconnects: 0,
    consumerFailures: 0,
    lastError: undefined,
  };
  const now = (): SubscriptionState => ({
    ...state,
    bufferedEvents: bufferedEvents(),
    eventsPerSecond: rate.perSecond(),
  });
  return {
    now,
    change: (change) => {
      const before = state.status;
      Object.assign(state, change);
      if (state.status !== before) onChange(now());
    },
    confirmed: (events, position, recordedAtMs) => {
      rate.mark(events);
      state.confirmedEvents += events;
      state.confirmedBatches += 1;
      state.confirmedPosition = position;
      state.confirmedRecordedAtMs = recordedAtMs ?? state.confirmedRecordedAtMs;
    },
  };
}
