/** One phase of a sale, measured: how many answers a second, and whose CPU they took. */
import { eachOnce, type Load, runLoad } from '../http/load.ts';
import { machineCpuMs, ownCpuMs } from '../support/cpu.ts';
import type { EngineUnderTest } from '../support/engine.ts';
import type { Seller } from './seller.ts';
import type { Sellers } from './sellers.ts';

const MS_PER_SECOND = 1_000;
const MICROS_PER_MS = 1_000;
const storeNames = ['devstore', 'redis', 'postgres'] as const;

/** The process that answers, the stores behind it, and the one that asks. */
export const partNames = ['server', ...storeNames, 'load'] as const;
type Part = (typeof partNames)[number];

export type Figures = {
  readonly perSecond: number;
  /** CPU time for each answer, in µs. */
  readonly micros: Readonly<Record<Part, number>>;
  /** Processors' worth of CPU that went to nobody who takes part: well above 0, the rates are too low. */
  readonly othersCpus: number;
};

export type Measured = {
  readonly engine: EngineUnderTest;
  readonly sellers: Sellers;
};

/** Sends each of them once. Rejects at the first answer that is not as expected. */
export const measurePhase = async (
  { engine, sellers }: Measured,
  seller: Seller,
  requests: readonly Buffer[],
  isExpected: Load['isExpected'],
): Promise<Figures> => {
  const { port, connections } = seller;
  const look = () => ({
    ...{ server: seller.cpuMs(), load: ownCpuMs(), machine: machineCpuMs() },
    ...{ devstore: engine.cpuMs('devstore'), redis: engine.cpuMs('redis') },
    postgres: engine.cpuMs('postgres'),
    // Whose turn it is not may still have something to do.
    servers: sellers.servers.reduce((sum, cpuMs) => sum + cpuMs(), 0),
  });
  const [before, startMs] = [look(), performance.now()];
  const answered = await runLoad({ port, connections, isExpected, take: eachOnce(requests) });
  const tookMs = performance.now() - startMs;
  const after = look();
  const used = (of: keyof typeof after): number => after[of] - before[of];
  const micros = (of: Part): number => (used(of) / answered) * MICROS_PER_MS;
  const ours = used('servers') + used('load') + storeNames.reduce((sum, name) => sum + used(name), 0);
  return {
    perSecond: (answered / tookMs) * MS_PER_SECOND,
    micros: {
      server: micros('server'),
      devstore: micros('devstore'),
      redis: micros('redis'),
      postgres: micros('postgres'),
      load: micros('load'),
    },
    othersCpus: (used('machine') - ours) / tookMs,
  };
};
