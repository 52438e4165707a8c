/**
 * The gate as the dispatch modes ask it: what an order wants becomes places of categories, and what Redis says an
 * answer for the buyer. Whatever is not understood here is let through: the sale words refusals better.
 */
import { LRUCache } from 'lru-cache';
import type { GateRefused, OrderGate, Passage } from '../commands/dispatch/dispatch.ts';
import type { OrderRequest } from '../commands/place-order.ts';
import type { Layout } from '../domain/sale/index.ts';
import { rowsOf } from '../domain/sale/rows.ts';
import type { CategoryId, ProgramId } from '../domain/shared/ids.ts';
import type { Gate } from './gate.ts';
import type { ReserveOutcome } from './outcomes.ts';
import type { CategoryPlaces } from './scripts.ts';

/** A few hundred bytes each. */
const MAX_HALLS = 1_000;

export type OrderGateDeps = {
  /** Of a sale that has started; it never changes. Undefined, or a rejection, lets the order through. */
  readonly termsOf: (programId: ProgramId) => Promise<{ readonly layout: Layout } | undefined>;
};

type Counting = Pick<Gate, 'reserve' | 'release' | 'confirm'>;

/** What the gate needs of a layout: the numbers of its categories, and where the seats of each end. */
type Hall = {
  readonly categoryOf: ReadonlyMap<CategoryId, number>;
  /** By category: the seat behind its last one. */
  readonly endOfSeats: readonly number[];
};

/** `pass` never rejects, and takes no longer than the gate waits for Redis. */
export const createOrderGate = (gate: Counting, { termsOf }: OrderGateDeps): OrderGate => {
  const halls = new LRUCache<ProgramId, Hall>({ max: MAX_HALLS });
  const hallOf = async (programId: ProgramId): Promise<Hall | undefined> => {
    const known = halls.get(programId);
    if (known !== undefined) return known;
    // Where the log cannot be asked for it, the order is about to find out by itself.
    const terms = await termsOf(programId).catch(() => undefined);
    const hall = terms && hallFrom(terms.layout);
    if (hall !== undefined) halls.set(programId, hall);
    return hall;
  };
  return {
    pass: async (request) => {
      const hall = await hallOf(request.programId);
      const takes = hall && takesOf(hall, request.want);
      if (takes === undefined) return passage(gate, request, { kind: 'open', reason: 'unknown_category' });
      const { programId, buyer, requestId } = request;
      const outcome = await gate.reserve({ programId, buyer, requestId, takes });
      return refusalOf(outcome) ?? passage(gate, request, outcome);
    },
  };
};

const refusalOf = (outcome: ReserveOutcome): GateRefused | undefined => {
  switch (outcome.kind) {
    case 'sold_out':
      return { kind: 'refused', code: 'sold_out', left: outcome.left };
    case 'limit_per_buyer':
      return { kind: 'refused', code: 'limit_per_buyer' };
    case 'duplicate_submission':
      return { kind: 'refused', code: 'duplicate_submission' };
    case 'reserved':
    case 'open':
      return undefined;
  }
};

/**
 * A request that came twice gives nothing back: what was set aside is the first one's, which may still be placed. One
 * that was let through uncounted is made known, or counters that work again might refuse it though the log has it.
 */
const passage = (gate: Counting, request: OrderRequest, outcome: ReserveOutcome): Passage => {
  const { programId, buyer, requestId } = request;
  const isOwner = outcome.kind === 'reserved' && !outcome.again;
  const isKnown = outcome.kind === 'open' && outcome.reason === 'repeated';
  return {
    kind: 'passed',
    giveBack: async () => {
      if (isOwner) await gate.release({ programId, requestId });
    },
    confirm: async (as) => {
      // What is set aside for a queued order stays until it is decided.
      if (isKnown || (as === 'queued' && outcome.kind === 'reserved')) return;
      await gate.confirm({ programId, buyer, requestId });
    },
  };
};

/** Undefined for what the hall does not have. */
const takesOf = (hall: Hall, want: OrderRequest['want']): CategoryPlaces[] | undefined => {
  if (want.by === 'hold') return [];
  if (want.by === 'category') {
    const category = hall.categoryOf.get(want.category);
    return category === undefined || want.count < 1 ? undefined : [{ category, places: want.count }];
  }
  const takes: CategoryPlaces[] = [];
  for (const seat of want.seats) {
    const category = seat < 0 ? -1 : hall.endOfSeats.findIndex((end) => seat < end);
    if (category === -1) return undefined;
    takes.push({ category, places: 1 });
  }
  return takes;
};

const hallFrom = (layout: Layout): Hall => {
  let end = 0;
  const endOfSeats = layout.map((category) => {
    const rows = category.kind === 'seated' ? rowsOf(category) : [];
    for (const { pattern } of rows) end += pattern.labels.length;
    return end;
  });
  return { categoryOf: new Map(layout.map(({ id }, index) => [id, index])), endOfSeats };
};
