/** Finds out whether what is live of one sale is what follows from the log, at the revision that it claims. */
import { isClosed } from '../../domain/sale/outcomes.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { type Gate, type GateCopy, type GateVersions, nameOf } from '../../gate/index.ts';
import type { Difference } from '../../rebuild/rebuildable.ts';
import type { HeldSale } from '../held-sales.ts';
import { requestsSince } from '../sale-in-redis.ts';
import { compareSale, type Found, type OnFound } from './compare-sale.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { MAX_KEPT } from './differences.ts';
import { withPositions } from './gate-positions.ts';
import { END, foldedAt, type SaleReading } from './sale-stream.ts';

const HOUR_MS = 3_600_000;
/** Answered requests are remembered for a day; the clocks of several machines are not one. */
const REMEMBERED_FOR_MS = 23 * HOUR_MS;
/** A projector fills what it finds missing, in parts; and it may be some events behind. */
const PAUSE_MS = 100;

export type Looking = Pick<RedisRebuildDeps, 'nowMs' | 'sleep'> & {
  readonly reading: SaleReading;
  readonly versions: GateVersions;
  readonly gate: Pick<Gate, 'counters'>;
  /** How long a projector may still be waited for, for all sales; counted down. */
  readonly patience: { leftMs: number };
};

/** What is known of a sale before Redis is asked. */
export type Known = {
  /** As far as it is folded already; it is folded on. */
  readonly sale: HeldSale | undefined;
  readonly isEnded: boolean;
  readonly isBroken: boolean;
};

export type Looked = {
  readonly count: number;
  readonly first: readonly Difference[];
  /** Undefined where it was not folded. */
  readonly sale: HeldSale | undefined;
  /** `kept`: live, or to be; `gone`: Redis need not know it; `unwanted`: Redis knows it and must not. */
  readonly is: 'kept' | 'gone' | 'unwanted';
};

/** Rejects as Redis and the log do. */
export const lookAtSale = async (looking: Looking, programId: ProgramId, known: Known): Promise<Looked> => {
  const live = await copyOf(looking, programId, known);
  try {
    return await compare(looking, programId, known, live);
  } finally {
    await live?.drop();
  }
};

const compare = async (
  looking: Looking,
  programId: ProgramId,
  known: Known,
  live: GateCopy | undefined,
): Promise<Looked> => {
  const { reading } = looking;
  if (live === undefined && (known.isEnded || known.isBroken)) return nothing(known.sale, 'gone');
  const collecting = collect();
  const result = async (sale: HeldSale | undefined, is: Looked['is'], until: bigint): Promise<Looked> => {
    const first = await withPositions(reading, programId, collecting.first, until);
    return { count: collecting.count(), first, sale, is };
  };
  if (known.isBroken) {
    collecting.onFound(counters(programId, live?.revision, undefined));
    return result(undefined, 'unwanted', END);
  }
  const sale = await foldedAt(reading, programId, known.sale, live?.revision ?? END);
  const { book } = sale.state;
  const last = sale.next - 1n;
  if (live === undefined) {
    if (book === undefined || isClosed(book)) return nothing(sale, 'gone');
    collecting.onFound(counters(programId, undefined, last));
    return result(sale, 'kept', last);
  }
  if (book === undefined) {
    collecting.onFound(counters(programId, live.revision, undefined));
    return result(undefined, 'unwanted', last);
  }
  // A revision that the log does not have: they are about another log, whatever they say.
  if (live.revision > last) collecting.onFound(counters(programId, live.revision, last));
  await compareSale(programId, book, live, collecting.onFound);
  const recent = requestsSince(book, looking.nowMs() - REMEMBERED_FOR_MS).map(nameOf);
  for (const name of await looking.versions.unansweredOf(programId, recent)) {
    const key = `${programId} ${name}`;
    const about = { kind: 'request', name } as const;
    collecting.onFound({ place: 'requests', key, live: null, expected: 'answered', about });
  }
  return result(sale, 'kept', last);
};

/** Of a sale that Redis is to know, unless it stays away; best where it has seen what is folded already. */
const copyOf = async (
  { versions, gate, sleep, patience, reading: { signal } }: Looking,
  programId: ProgramId,
  { sale, isEnded, isBroken }: Known,
): Promise<GateCopy | undefined> => {
  for (; !isEnded && !isBroken && patience.leftMs > 0; patience.leftMs -= PAUSE_MS) {
    const counters = await gate.counters(programId);
    if (counters !== undefined && counters.revision + 1n >= (sale?.next ?? 0n)) break;
    await sleep(PAUSE_MS, signal);
    signal.throwIfAborted();
  }
  return versions.copyLive(programId);
};

const counters = (programId: ProgramId, live: bigint | undefined, expected: bigint | undefined): Found => ({
  ...{ place: 'counters', key: programId, live: revisionOf(live), expected: revisionOf(expected) },
  about: { kind: 'sale' },
});

const revisionOf = (revision: bigint | undefined) =>
  revision === undefined ? null : { revision: revision.toString() };

const nothing = (sale: HeldSale | undefined, is: Looked['is']): Looked => ({ count: 0, first: [], sale, is });

const collect = (): { first: Found[]; count: () => number; onFound: OnFound } => {
  const first: Found[] = [];
  let count = 0;
  return {
    first,
    count: () => count,
    onFound: (found) => {
      count += 1;
      if (first.length < MAX_KEPT) first.push(found);
    },
  };
};
