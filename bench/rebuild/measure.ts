/** One piece of work, measured: how long it took, whose CPU it used, and how much memory this process had at most. */
import { ownCpuMs } from '../support/cpu.ts';

const LOOK_MS = 20;
const MICROS_PER_MS = 1_000;
const MIB = 1024 * 1024;

export type Figures = {
  readonly tookMs: number;
  readonly ownMicros: number;
  readonly databaseMicros: number;
  readonly storeMicros: number | undefined;
  readonly peakMib: number;
};

/** CPU time used so far, in ms. */
export type Meters = {
  readonly database: () => number;
  readonly store: () => number | undefined;
};

/** CPU times for each of so many events. */
export const measure = async (
  meters: Meters,
  events: number,
  work: () => Promise<unknown>,
): Promise<Figures> => {
  let peakBytes = process.memoryUsage.rss();
  const looking = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, LOOK_MS);
  try {
    const [own, database, store] = [ownCpuMs(), meters.database(), meters.store()];
    const startMs = performance.now();
    await work();
    const tookMs = performance.now() - startMs;
    const perEvent = (ms: number): number => (ms / events) * MICROS_PER_MS;
    const storeAfter = meters.store();
    return {
      tookMs,
      ownMicros: perEvent(ownCpuMs() - own),
      databaseMicros: perEvent(meters.database() - database),
      storeMicros: store === undefined || storeAfter === undefined ? undefined : perEvent(storeAfter - store),
      peakMib: peakBytes / MIB,
    };
  } finally {
    clearInterval(looking);
  }
};
