/** Work under a lease comes and goes; here what is running now can be asked how it does. */
import type { Work } from '../postgres/work-leases.ts';

type Stoppable = { readonly stop: () => Promise<void> };

export type Watched<Running> = Work & {
  /** Undefined while the lease is another's, or the work is just starting. */
  readonly now: () => Running | undefined;
};

export const watched = <Running extends Stoppable>(
  start: (lost: AbortSignal) => Promise<Running>,
): Watched<Running> => {
  let current: Running | undefined;
  return {
    now: () => current,
    start: async (lost) => {
      const running = await start(lost);
      current = running;
      return {
        stop: async () => {
          try {
            // Seen to the end: a stop that hangs is what somebody wants to know of.
            await running.stop();
          } finally {
            if (current === running) current = undefined;
          }
        },
      };
    },
  };
};
