/** After the stampede: until every hold has ended, and until the read models have seen everything. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { EngineApi } from './engine-api.ts';
import type { Progress } from './progress.ts';

const SECOND_MS = 1_000;
const POLL_MS = SECOND_MS;
const LAG_POLL_MS = 200;
/** Beyond the time to pay: what the engine needs to end an order, and a restart. */
const ENDING_MS = 120 * SECOND_MS;
const CATCH_UP_MS = 180 * SECOND_MS;

export type Ending = {
  readonly heldAfterwards: number;
  readonly sold: number;
  readonly capacity: number;
  readonly tookMs: number;
};

/**
 * Looks at the engine's own stock until nothing is held, with a countdown; gives up a while after the
 * last deadline.
 */
export async function untilHoldsEnd(
  api: EngineApi,
  programId: string,
  paymentTtlMs: number,
  progress: Progress,
): Promise<Ending> {
  const startedAtMs = performance.now();
  const lastDeadlineMs = startedAtMs + paymentTtlMs;
  const seconds = Math.ceil(paymentTtlMs / SECOND_MS);
  const phase = progress.phase('unpaid', seconds);
  for (;;) {
    const { stock } = await api.program(programId);
    const sum = (of: 'held' | 'sold' | 'capacity'): number =>
      stock.reduce((total, row) => total + row[of], 0);
    const now = { heldAfterwards: sum('held'), sold: sum('sold'), capacity: sum('capacity') };
    const nowMs = performance.now();
    const leftSeconds = Math.max(0, Math.ceil((lastDeadlineMs - nowMs) / SECOND_MS));
    phase.update(seconds - leftSeconds, `${now.heldAfterwards} places held, at most ${leftSeconds} s to pay`);
    if (now.heldAfterwards === 0 || nowMs > lastDeadlineMs + ENDING_MS) {
      phase.end(`${now.heldAfterwards} places held`);
      return { ...now, tookMs: nowMs - startedAtMs };
    }
    await delay(POLL_MS);
  }
}

export type Lag = {
  /** Events that the slowest read model had not seen when the stampede ended. */
  readonly events: number;
  /** Null when it was not seen to catch up. */
  readonly caughtUpAfterMs: number | null;
};

const projectionsSchema = z.object({
  projections: z.array(z.object({ lagEvents: z.int().nullable() })),
});

/** Undefined when the engine does not tell its lag. Never rejects. */
export async function measureLag(api: EngineApi): Promise<Lag | undefined> {
  const startedAtMs = performance.now();
  const events = await lagOf(api);
  if (events === undefined) return undefined;
  let left: number | undefined = events;
  while (left !== 0) {
    if (performance.now() - startedAtMs > CATCH_UP_MS) return { events, caughtUpAfterMs: null };
    await delay(LAG_POLL_MS);
    left = await lagOf(api);
  }
  return { events, caughtUpAfterMs: performance.now() - startedAtMs };
}

async function lagOf(api: EngineApi): Promise<number | undefined> {
  const answer = await api.projections().catch(() => undefined);
  const parsed = projectionsSchema.safeParse(answer);
  // Null of a read model that no process counts for.
  const lags = (parsed.data?.projections ?? []).flatMap(({ lagEvents }) => lagEvents ?? []);
  return lags.length === 0 ? undefined : Math.max(...lags);
}
