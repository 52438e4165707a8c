/** Health for whoever runs the engine: is the process alive, and can it reach what it needs. */
import { type Endpoint, endpoint, json } from './endpoint.ts';

const MAX_REASON_CHARACTERS = 200;

/** Asks one store for a sign of life; rejects, with a reason worth showing, when there is none. */
export type Probe = { readonly name: string; readonly check: () => Promise<void> };

type StoreHealth = {
  readonly state: 'up' | 'down';
  readonly latencyMs: number;
  readonly reason?: string;
};

export type HealthOptions = { readonly probes: readonly Probe[]; readonly timeoutMs: number };

export function healthEndpoints(options: HealthOptions): readonly Endpoint[] {
  return [
    endpoint({
      method: 'GET',
      path: '/health/live',
      access: 'public',
      summary: 'Tells that the process is alive; asks no store.',
      answers: { 200: 'It is alive.' },
      handle: () => json(200, { status: 'alive' }),
    }),
    endpoint({
      method: 'GET',
      path: '/health/ready',
      access: 'public',
      summary: 'Tells whether every store answers.',
      answers: { 200: 'Every store answers.', 503: 'A store does not answer; it is named, with the reason.' },
      handle: async () => {
        const stores = await checkStores(options);
        const ready = Object.values(stores).every(({ state }) => state === 'up');
        return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', stores });
      },
    }),
  ];
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
