/**
 * At most so many calls at once, the others in a bounded queue: a connection carries 100 calls, and the one
 * after them would wait in silence.
 */
import { EventStoreError } from './errors.ts';

export type Limiter = { readonly run: <T>(work: () => Promise<T>) => Promise<T> };

export function createLimiter(maxRunning: number, maxWaiting: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    run: async (work) => {
      if (running < maxRunning) running += 1;
      else if (waiting.length < maxWaiting) await new Promise<void>((go) => waiting.push(go));
      else throw new EventStoreError('overloaded', `${waiting.length} calls of the event store are waiting.`);
      try {
        return await work();
      } finally {
        // The place is handed to the next in line without ever becoming free, so that nobody jumps the queue.
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
