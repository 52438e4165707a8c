/**
 * The sales that Redis is to know of. One that is held here is in Redis as a whole; after whatever went wrong it is
 * dropped, and loaded and compared again. So nothing has to be remembered of what was left undone.
 */
import type { SaleState } from '../domain/sale/index.ts';
import { isClosed } from '../domain/sale/outcomes.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { CorruptEventError } from '../eventstore/index.ts';
import type { Counters, Gate } from '../gate/index.ts';
import { BrokenSaleError, createHeldSales, type HeldSale } from './held-sales.ts';
import { GivenUpError } from './persevering.ts';
import { createSaleFeed, type SaleFeed, type SaleFeedDeps, type SaleOccurrence } from './sale-feed.ts';
import { isTrueOf } from './sale-in-redis.ts';

const DAY_MS = 86_400_000;
/** How long Redis still knows a sale that has ended. */
const ENDED_TTL_MS = DAY_MS;
const SWEPT_AT_ONCE = 500;
const MAX_SWEEPS = 20;

export type GateSalesDeps = SaleFeedDeps & {
  readonly gate: SaleFeedDeps['gate'] & Pick<Gate, 'sweep'>;
  readonly maxPlaces: number;
};

export type GateSales = {
  /**
   * Puts into Redis what the sale's stream says, at least up to the last of these. Rejects with StoppedError, and
   * with what the log rejects with: then it is to be called again.
   */
  readonly apply: (programId: ProgramId, events: readonly SaleOccurrence[]) => Promise<void>;
  /** Ends what is over, and fills Redis where it says something else than the sale. Rejects where it is away. */
  readonly look: (programId: ProgramId) => Promise<void>;
  /** Its log cannot be folded: the gate is better open than wrong. Rejects as `Persevere` does. */
  readonly setAside: (programId: ProgramId, error: Error) => Promise<void>;
  /** The newest state that was folded, where it is in memory. */
  readonly stateOf: (programId: ProgramId) => SaleState | undefined;
  /** A sale that was on when somebody looked last. */
  readonly expect: (programId: ProgramId) => void;
  /** Those that have started and not ended. */
  readonly live: () => readonly ProgramId[];
  readonly broken: () => readonly ProgramId[];
  readonly counts: SaleFeed['counts'];
};

export const createGateSales = (deps: GateSalesDeps): GateSales => {
  const { gate, persevere, onTrouble } = deps;
  const feed = createSaleFeed(deps);
  const held = createHeldSales(deps.maxPlaces);
  /** Up to where Redis was brought; undefined where that is not known. */
  const live = new Map<ProgramId, bigint | undefined>();
  const broken = new Set<ProgramId>();

  const load = async (programId: ProgramId): Promise<HeldSale> => {
    const sale = await feed.load(programId);
    held.keep(programId, sale);
    return sale;
  };

  const noteSettled = async (programId: ProgramId, { state: { book }, next }: HeldSale): Promise<void> => {
    if (book !== undefined && !isClosed(book)) {
      live.set(programId, next - 1n);
      return;
    }
    live.delete(programId);
    if (book !== undefined) await persevere(() => gate.retire(programId, ENDED_TTL_MS));
  };

  const setAside: GateSales['setAside'] = async (programId, error) => {
    onTrouble(error, programId);
    held.drop(programId);
    live.delete(programId);
    broken.add(programId);
    await persevere(() => gate.retire(programId, 0));
  };

  const guarded = async (programId: ProgramId, work: () => Promise<HeldSale>): Promise<void> => {
    if (broken.has(programId)) return;
    try {
      await noteSettled(programId, await work());
    } catch (error) {
      held.drop(programId);
      if (error instanceof BrokenSaleError || error instanceof CorruptEventError) {
        await setAside(programId, error);
      } else if (error instanceof GivenUpError) {
        // The next look tries again; the other sales go on.
        live.set(programId, undefined);
        onTrouble(error, programId);
      } else throw error;
    }
  };

  return {
    apply: (programId, events) =>
      guarded(programId, async () => {
        const sale = held.get(programId) ?? (await load(programId));
        await feed.follow(programId, sale, events);
        return sale;
      }),
    look: async (programId) => {
      if (!live.has(programId)) return;
      await sweep(gate, programId);
      const counters = await gate.counters(programId);
      const sale = held.get(programId);
      if (isAsExpected(counters, live.get(programId), sale)) return;
      await guarded(programId, async () => {
        if (sale === undefined) return load(programId);
        await feed.refill(programId, sale, counters?.revision);
        return sale;
      });
    },
    setAside,
    stateOf: (programId) => held.get(programId)?.state,
    expect: (programId) => {
      live.set(programId, undefined);
    },
    live: () => [...live.keys()],
    broken: () => [...broken],
    counts: feed.counts,
  };
};

/** Another projector may be ahead; behind what was settled here Redis can only have lost something. */
const isAsExpected = (
  counters: Counters | undefined,
  settled: bigint | undefined,
  sale: HeldSale | undefined,
): boolean => {
  if (counters === undefined || settled === undefined || counters.revision < settled) return false;
  if (sale?.state.book === undefined || counters.revision !== sale.next - 1n) return true;
  return isTrueOf(sale.state.book, counters);
};

const sweep = async (gate: Pick<Gate, 'sweep'>, programId: ProgramId): Promise<void> => {
  for (let round = 0; round < MAX_SWEEPS; round += 1) {
    const { ended, forgotten } = await gate.sweep(programId, SWEPT_AT_ONCE);
    if (ended < SWEPT_AT_ONCE && forgotten < SWEPT_AT_ONCE) return;
  }
};
