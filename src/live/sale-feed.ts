/** Brings what Redis says of one sale to where the log is: event by event, or as a whole where that does not lead on. */
import type { SnapshotStore, StreamLog } from '../commands/ports.ts';
import { type SaleEvent, type SaleState, saleDecider, saleStream } from '../domain/sale/index.ts';
import { isClosed } from '../domain/sale/outcomes.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import type { Effect, Gate } from '../gate/index.ts';
import { effectOf, type RequestOf } from './effects.ts';
import { foldEvent, type HeldSale, thawSale } from './held-sales.ts';
import { GivenUpError, type Persevere, type Sleep, StoppedError } from './persevering.ts';
import { refillOf } from './sale-in-redis.ts';

/** Another projector may be filling too: whoever begins last wins, and the pauses grow until one gets through. */
const MAX_REFILLS = 8;
const FIRST_PAUSE_MS = 50;
/** Beyond every revision: nothing of a sale is settled that is filled as a whole afterwards. */
const NEVER = 2n ** 63n;
/** Orders are told of after the counters of their batch: Redis may be set back to a moment in between. */
const MAX_UNTOLD_EVENTS = 1_000n;

export type SaleOccurrence = { readonly event: SaleEvent; readonly revision: bigint };

/** Shows what became of the orders in these events. `state` is the sale after them, or later. Rejects when stopped. */
export type Tell = (
  programId: ProgramId,
  state: SaleState,
  occurrences: readonly SaleOccurrence[],
) => Promise<void>;

export type SaleFeedDeps = {
  readonly gate: Pick<Gate, 'settle' | 'refill' | 'counters' | 'retire'>;
  readonly log: Pick<StreamLog<SaleEvent>, 'read'>;
  readonly snapshots: Pick<SnapshotStore, 'load'>;
  readonly requestOf: RequestOf;
  readonly tell: Tell;
  readonly persevere: Persevere;
  readonly sleep: Sleep;
  readonly stopping: AbortSignal;
  readonly onTrouble: (error: Error, programId: ProgramId) => void;
};

/** All reject as `Persevere` does, with BrokenSaleError, and with what the log rejects with. */
export type SaleFeed = {
  /** The sale as the log has it; then Redis has it too. */
  readonly load: (programId: ProgramId) => Promise<HeldSale>;
  /** Changes `sale`. Events it has seen change nothing; those missing before one are read. */
  readonly follow: (programId: ProgramId, sale: HeldSale, events: readonly SaleOccurrence[]) => Promise<void>;
  /** Where Redis was set back to a `revision`, the orders since then are told of first. */
  readonly refill: (programId: ProgramId, sale: HeldSale, revision?: bigint) => Promise<void>;
  readonly counts: () => { readonly applied: number; readonly refills: number };
};

export const createSaleFeed = (deps: SaleFeedDeps): SaleFeed => {
  const { gate, persevere, stopping } = deps;
  const counts = { applied: 0, refills: 0 };

  const refill: SaleFeed['refill'] = async (programId, sale, setBackTo) => {
    if (setBackTo !== undefined) await retell(deps, programId, sale, setBackTo);
    const { state, next } = sale;
    const { book } = state;
    // What has ended need not come back.
    if (book === undefined || isClosed(book)) return;
    const revision = next - 1n;
    for (let tries = 0; tries < MAX_REFILLS; tries += 1) {
      const outcome = await persevere(() => gate.refill(refillOf(programId, book, revision)));
      if (outcome.kind === 'refilled') counts.refills += 1;
      if (outcome.kind === 'refilled' || outcome.kind === 'newer') return;
      await deps.sleep(FIRST_PAUSE_MS * 2 ** tries, stopping);
      const counters = await persevere(() => gate.counters(programId));
      if (counters !== undefined && counters.revision >= revision) return;
    }
    throw new GivenUpError('Others fill the same counters again and again.');
  };

  const settle = async (programId: ProgramId, sale: HeldSale, effects: readonly Effect[]): Promise<void> => {
    if (effects.length === 0) return;
    const outcome = await persevere(() => gate.settle(programId, effects));
    counts.applied += effects.length;
    if (outcome.kind === 'behind') await refill(programId, sale, outcome.revision);
    else if (outcome.kind === 'empty') await refill(programId, sale);
  };

  const fold = (sale: HeldSale, { event, revision }: SaleOccurrence): Effect => {
    const effect = effectOf(sale.state, event, revision, deps.requestOf);
    foldEvent(sale, event, revision);
    return effect;
  };

  /** Folds all that the log has; what lies behind `settled` goes to Redis, its orders first. */
  const readForward = async (programId: ProgramId, sale: HeldSale, settled: bigint): Promise<void> => {
    for await (const page of deps.log.read(saleStream(programId), sale.next)) {
      if (stopping.aborted) throw new StoppedError('The gate’s projector is being stopped.');
      const effects = page.map((occurrence) => fold(sale, occurrence));
      const isUnsettled = ({ revision }: { readonly revision: bigint }): boolean => revision > settled;
      await deps.tell(programId, sale.state, page.filter(isUnsettled));
      await settle(programId, sale, effects.filter(isUnsettled));
    }
  };

  return {
    refill,
    counts: () => counts,
    load: async (programId) => {
      const before = await persevere(() => gate.counters(programId));
      const sale = await thawOrBegin(deps, programId);
      const leadsOn = before !== undefined && before.revision + 1n >= sale.next;
      await readForward(programId, sale, leadsOn ? before.revision : NEVER);
      // What Redis says was never in this log: it is about another one.
      const isForeign = before !== undefined && before.revision >= sale.next;
      if (isForeign) await persevere(() => gate.retire(programId, 0));
      if (!leadsOn || isForeign) await refill(programId, sale, before?.revision);
      return sale;
    },
    follow: async (programId, sale, events) => {
      const effects: Effect[] = [];
      for (const occurrence of events) {
        if (occurrence.revision > sale.next) {
          await settle(programId, sale, effects.splice(0));
          await readForward(programId, sale, sale.next - 1n);
        }
        if (occurrence.revision === sale.next) effects.push(fold(sale, occurrence));
      }
      await settle(programId, sale, effects);
    },
  };
};

/** Told before the counters say that nothing is missing: whoever stops in between leaves it to the next one. */
const retell = async (
  { log, tell }: SaleFeedDeps,
  programId: ProgramId,
  { state, next }: HeldSale,
  revision: bigint,
): Promise<void> => {
  if (revision + 1n >= next) return;
  const first = revision < MAX_UNTOLD_EVENTS ? 0n : revision - MAX_UNTOLD_EVENTS;
  for await (const page of log.read(saleStream(programId), first)) {
    const seen = page.filter((occurrence) => occurrence.revision < next);
    await tell(programId, state, seen);
    if (seen.length < page.length) return;
  }
};

/** Snapshots save time only: without them the stream is read from its start. */
const thawOrBegin = async (deps: SaleFeedDeps, programId: ProgramId): Promise<HeldSale> => {
  try {
    return await thawSale(deps, programId);
  } catch (cause) {
    deps.onTrouble(new Error(`its snapshot cannot be had: ${String(cause)}`, { cause }), programId);
    return { state: saleDecider.initial(), next: 0n };
  }
};
