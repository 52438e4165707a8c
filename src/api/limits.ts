/**
 * How much is taken: writes by user and by address, and requests in flight. These are the first ring, one
 * process by itself; behind it the gate and the sale have limits of their own.
 */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const SECOND_MS = 1_000;

export type Limits = {
  /** Writes of one user in a second, in a row or at once. 0 switches it off. */
  readonly userWritesPerSecond: number;
  /** Writes from one address in a second. 0 switches it off: many buyers may share an address. */
  readonly addressWritesPerSecond: number;
  /** Addresses and networks of proxies, whose word on where a request comes from is taken. */
  readonly trustedProxies: readonly string[];
  /** Requests being answered at a time, in each lane. More are refused instead of waiting. */
  readonly maxInFlight: number;
  /** Callers that follow a stream of events at a time. */
  readonly maxStreams: number;
};

export const defaultLimits: Limits = {
  userWritesPerSecond: 20,
  addressWritesPerSecond: 0,
  trustedProxies: [],
  maxInFlight: 10_000,
  maxStreams: 10_000,
};

/** Undefined when there is room; else how long to wait for some, in whole seconds. */
export type RateLimit = (key: string) => Promise<number | undefined> | undefined;

export const createRateLimit = (perSecond: number): RateLimit => {
  if (perSecond === 0) return () => undefined;
  const limiter = new RateLimiterMemory({ points: perSecond, duration: 1 });
  return async (key) => {
    try {
      await limiter.consume(key);
      return undefined;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return Math.max(1, Math.ceil(refused.msBeforeNext / SECOND_MS));
    }
  };
};

/** A bounded number of places. */
export type Places = { readonly take: () => boolean; readonly giveBack: () => void };

export const createPlaces = (max: number): Places => {
  let taken = 0;
  return {
    take: () => {
      if (taken >= max) return false;
      taken++;
      return true;
    },
    giveBack: () => {
      taken--;
    },
  };
};
