/** Health for whoever runs the engine: is the process alive, and can it reach what it needs. */
import { Router } from 'express';

const MAX_REASON_CHARACTERS = 200;

/** Asks one store for a sign of life; rejects, with a reason worth showing, when there is none. */
export type Probe = { readonly name: string; readonly check: () => Promise<void> };

type StoreHealth = {
  readonly state: 'up' | 'down';
  readonly latencyMs: number;
  readonly reason?: string;
};

export type HealthOptions = { readonly probes: readonly Probe[]; readonly timeoutMs: number };

export function healthRoutes(options: HealthOptions): Router {
  const router = Router();
  router.get('/health/live', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'alive' });
  });
  router.get('/health/ready', async (_request, response) => {
    const stores = await checkStores(options);
    const ready = Object.values(stores).every(({ state }) => state === 'up');
    response
      .set('Cache-Control', 'no-store')
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ready' : 'not ready', stores });
  });
  return router;
}

/** Asks all stores at once and never rejects; takes `timeoutMs` at most. */
export async function checkStores({
  probes,
  timeoutMs,
}: HealthOptions): Promise<Record<string, StoreHealth>> {
  const results = await Promise.all(
    probes.map(async (probe) => [probe.name, await checkStore(probe, timeoutMs)] as const),
  );
  return Object.fromEntries(results);
}

async function checkStore(probe: Probe, timeoutMs: number): Promise<StoreHealth> {
  const startMs = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - startMs) * 10) / 10;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([probe.check(), tooLate]);
    return { state: 'up', latencyMs: latencyMs() };
  } catch (error) {
    const reason = error instanceof Error ? error.message || error.name : String(error);
    return { state: 'down', latencyMs: latencyMs(), reason: reason.slice(0, MAX_REASON_CHARACTERS) };
  } finally {
    clearTimeout(timer);
  }
}
