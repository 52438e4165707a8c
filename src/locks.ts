/**
 * Locks in Redis for the dispatch modes that coordinate by them. They only save work: two holders of one lock meet
 * again at the log, where one of their appends has the wrong expected revision.
 */
import { ExecutionError, Redlock, ResourceLockedError } from '@sesamecare-oss/redlock';
import type { Redis } from 'ioredis';
import { type Locks, LockTimeoutError } from './commands/ports.ts';

/** A holder that lives renews in time; one that died keeps others waiting this long at most. */
const LOCK_TTL_MS = 5_000;
const RETRY_DELAY_MS = 20;
const RETRY_JITTER_MS = 15;

/** `waitMs` is how long a lock is waited for. Where Redis does not answer, the work is done without it. */
export function createLocks(redis: Redis, waitMs: number): Locks {
  const redlock = new Redlock([redis], {
    retryDelay: RETRY_DELAY_MS,
    retryJitter: RETRY_JITTER_MS,
    retryCount: Math.ceil(waitMs / RETRY_DELAY_MS),
  });
  // Every failed try is an event, and one that nobody hears ends the process; what matters is rejected too.
  redlock.on('error', () => undefined);
  return {
    holding: async (names, work) => {
      // A Redis that is gone is not waited for.
      const lock = redis.status === 'ready' ? await acquire(redlock, names) : undefined;
      try {
        return await work();
      } finally {
        // A lock that cannot be given back is taken from us soon.
        await lock?.release().catch(() => undefined);
      }
    },
  };
}

/** Undefined when Redis does not answer: the log decides anyway. */
async function acquire(redlock: Redlock, names: readonly string[]) {
  try {
    return await redlock.acquire([...names].sort(), LOCK_TTL_MS);
  } catch (error) {
    if (await isHeldByAnother(error))
      throw new LockTimeoutError(`No lock on ${names.join(', ')} in time.`, { cause: error });
    return undefined;
  }
}

async function isHeldByAnother(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  const last = await error.attempts.at(-1);
  return [...(last?.votesAgainst.values() ?? [])].some((reason) => reason instanceof ResourceLockedError);
}
