/** Work that is done again and again while its lease is held. */
import type { Work } from '../postgres/work-leases.ts';
import { sleep } from './services.ts';

export type Repeated = {
  readonly everyMs: number;
  /** Answers how much there was to do; with anything, it is done again at once. */
  readonly work: () => Promise<number>;
  readonly onError: (error: unknown) => void;
  /** By default just waits. May end early, when there is something to do. */
  readonly wait?: (withinMs: number) => Promise<void>;
};

export const repeat = ({ everyMs, work, onError, wait = sleep }: Repeated): Work => ({
  start: async () => {
    const stopping = new AbortController();
    const stopped = new Promise<void>((done) =>
      stopping.signal.addEventListener('abort', () => done(), { once: true }),
    );
    const run = async (): Promise<void> => {
      while (!stopping.signal.aborted) {
        try {
          if ((await work()) > 0) continue;
        } catch (error) {
          onError(error);
        }
        await Promise.race([wait(everyMs), stopped]);
      }
    };
    const running = run();
    return {
      stop: async () => {
        stopping.abort();
        await running;
      },
    };
  },
});
