import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderBook } from '../../../src/domain/sale/book.ts';
import {
  keepBatch,
  openBatch,
  restoreSale,
  type SaleCommand,
  type SaleEvent,
  type SaleState,
  type SaleTerms,
  saleDecider,
  saleEventSpecs,
  snapshotSale,
  soldOrders,
  undoBatch,
} from '../../../src/domain/sale/index.ts';
import { stateAfter } from '../../support/given.ts';
import { printedRandom } from '../../support/random.ts';
import { commandsOf, type Step, someTerms, steps } from './arbitraries.ts';
import { HOLD_TTL_MS, idOf, NOW_MS, PAYMENT_TTL_MS } from './fixtures.ts';
import { checkHours, createModel, follow, knownTo, type Model, paidOrdersIn, stockOf } from './model.ts';

/** Of the version in a snapshot, and the version before the hours could change. */
const VERSION_AT = 4;
const FORMER_VERSION = 1;
const RUNS = { numRuns: 80, seed: printedRandom().seed };
const { decide, evolve } = saleDecider;

type Sale = { readonly model: Model; readonly log: SaleEvent[]; readonly state: SaleState };

function start(terms: SaleTerms): Sale {
  const log: SaleEvent[] = [{ type: 'SaleStarted', data: terms }];
  return { model: createModel(terms), log, state: stateAfter(saleDecider, log) };
}

function bookOf(state: SaleState): OrderBook {
  if (state.book === undefined) throw new Error('The sale has started.');
  return state.book;
}

/** What was decided became so: in the log, in the state and in the model, which complains if it must not. */
function commit(sale: Sale, events: readonly SaleEvent[]): void {
  for (const event of events) {
    sale.log.push(event);
    evolve(sale.state, event);
    follow(sale.model, event);
  }
}

function play(sale: Sale, story: readonly Step[], seen?: (command: SaleCommand) => void): void {
  for (const command of commandsOf(story, () => knownTo(sale.model))) {
    seen?.(command);
    const { events } = decide(command, sale.state);
    if ('nowMs' in command) for (const event of events) checkHours(sale.model, event, command.nowMs);
    commit(sale, events);
  }
}

/** Every number that the state is made of, tables and trees included. */
function contentsOf(state: SaleState): string {
  const { terms: _, journal: __, ...book } = bookOf(state);
  const { journal: ___, plan: ____, ...seating } = book.seating;
  return textOf({ ...book, seating });
}

/** What a buyer could notice, however the tables are arranged. */
function visibleIn(state: SaleState): string {
  const { held, sold, lanes, seating, window } = bookOf(state);
  const { holderOfSeat, free, runTrees, pairTrees } = seating;
  return textOf({ held, sold, lanes, window, holderOfSeat, free, runTrees, pairTrees });
}

function textOf(contents: unknown): string {
  return JSON.stringify(contents, (_, value: unknown) =>
    value instanceof Int32Array || value instanceof Float64Array ? value.join() : value,
  );
}

describe('Whatever is asked of a sale', () => {
  it('no seat has two owners, nothing is oversold, hours, limits and documents hold, money adds up', () => {
    const story = fc.property(someTerms, steps(120), (terms, told) => {
      const sale = start(terms);
      play(sale, told);
      const { held, sold, seats } = stockOf(sale.model);
      const book = bookOf(sale.state);
      expect([...book.held]).toEqual(held);
      const all = soldOrders(sale.state, Number.MAX_SAFE_INTEGER);
      expect(new Set(all)).toEqual(paidOrdersIn(sale.model));
      expect(soldOrders(sale.state, 2)).toEqual(all.slice(0, 2));
      expect([...book.sold]).toEqual(sold);
      const taken = [...book.seating.holderOfSeat].flatMap((holder, seat) => (holder === 0 ? [] : [seat]));
      expect(new Set(taken)).toEqual(seats);
    });
    fc.assert(story, RUNS);
  });

  it('every hold ends: expired at the latest, its places are free again', () => {
    const story = fc.property(someTerms, steps(80), (terms, told) => {
      const sale = start(terms);
      play(sale, told);
      const nowMs = NOW_MS + told.length * (PAYMENT_TTL_MS + HOLD_TTL_MS) + PAYMENT_TTL_MS;
      const { orders, holds } = knownTo(sale.model);
      const ends: SaleCommand[] = [
        ...orders.map(
          ({ order }) => ({ type: 'ExpireOrder', nowMs, orderNumber: idOf.order(order) }) as const,
        ),
        ...holds.map(({ hold }) => ({ type: 'ExpireHold', nowMs, holdToken: idOf.hold(hold) }) as const),
      ];
      for (const end of ends) commit(sale, decide(end, sale.state).events);
      expect(stockOf(sale.model).held.every((count) => count === 0)).toBe(true);
      expect(bookOf(sale.state).held.every((count) => count === 0)).toBe(true);
    });
    fc.assert(story, RUNS);
  });

  it('the same command again changes nothing', () => {
    const story = fc.property(someTerms, steps(80), (terms, told) => {
      const sale = start(terms);
      for (const given of commandsOf(told, () => knownTo(sale.model))) {
        const first = decide(given, sale.state);
        expect(decide(given, sale.state)).toEqual(first);
        commit(sale, first.events);
        const again = decide(given, sale.state);
        expect(again.events).toEqual([]);
        const queued = 'queue' in given && given.queue !== undefined;
        if (!queued) expect(again.outcome.kind).toBe(first.outcome.kind);
      }
    });
    fc.assert(story, RUNS);
  });

  it('every event fits its schema, also after a way through JSON', () => {
    const schemas = new Map(saleEventSpecs.map((spec) => [spec.type as string, spec.schema]));
    const story = fc.property(someTerms, steps(60), (terms, told) => {
      const sale = start(terms);
      play(sale, told);
      for (const { type, data } of sale.log) {
        expect(schemas.get(type)?.parse(JSON.parse(JSON.stringify(data)))).toEqual(data);
      }
    });
    fc.assert(story, RUNS);
  });
});

describe('The state of a sale', () => {
  it('is what folding the log gives', () => {
    const story = fc.property(someTerms, steps(100), (terms, told) => {
      const sale = start(terms);
      play(sale, told);
      expect(contentsOf(stateAfter(saleDecider, sale.log))).toBe(contentsOf(sale.state));
    });
    fc.assert(story, RUNS);
  });

  it('is again what it was when a batch is taken back', () => {
    const story = fc.property(someTerms, steps(60), steps(40), (terms, before, lost) => {
      const sale = start(terms);
      play(sale, before);
      const contents = contentsOf(sale.state);
      openBatch(sale.state);
      for (const command of commandsOf(lost, () => knownTo(sale.model))) {
        for (const event of decide(command, sale.state).events) evolve(sale.state, event);
      }
      undoBatch(sale.state);
      expect(contentsOf(sale.state)).toBe(contents);
      openBatch(sale.state);
      play(sale, lost);
      keepBatch(sale.state);
      expect(contentsOf(stateAfter(saleDecider, sale.log))).toBe(contentsOf(sale.state));
    });
    fc.assert(story, RUNS);
  });

  it('comes back from a snapshot and decides as before', () => {
    const story = fc.property(someTerms, steps(80), steps(40), (terms, before, after) => {
      const sale = start(terms);
      play(sale, before);
      const bytes = snapshotSale(sale.state);
      const restored = restoreSale(bytes);
      if (restored === undefined) throw new Error('The snapshot is of the current format.');
      expect(Buffer.compare(snapshotSale(restored), bytes)).toBe(0);
      expect(visibleIn(restored)).toBe(visibleIn(sale.state));
      for (const given of commandsOf(after, () => knownTo(sale.model))) {
        const decision = decide(given, sale.state);
        expect(decide(given, restored)).toEqual(decision);
        for (const event of decision.events) evolve(restored, event);
        commit(sale, decision.events);
      }
      expect(Buffer.compare(snapshotSale(restored), snapshotSale(sale.state))).toBe(0);
    });
    fc.assert(story, RUNS);
  });

  it('has no snapshot of another version, of other bytes, or of a part', () => {
    const story = fc.property(someTerms, steps(30), fc.nat(), (terms, told, at) => {
      const sale = start(terms);
      play(sale, told);
      const bytes = snapshotSale(sale.state);
      const former = bytes.slice();
      // The version's word is not part of the checksum.
      new DataView(former.buffer).setInt32(VERSION_AT, FORMER_VERSION, true);
      expect(restoreSale(former)).toBeUndefined();
      const changed = bytes.slice();
      const position = at % changed.length;
      changed[position] = (changed[position] ?? 0) ^ 0x55;
      expect(restoreSale(changed)).toBeUndefined();
      expect(restoreSale(bytes.subarray(0, position))).toBeUndefined();
    });
    fc.assert(story, RUNS);
    expect(restoreSale(new Uint8Array())).toBeUndefined();
  });
});

describe('Two writers of one sale', () => {
  type Writer = { state: SaleState; revision: number };

  function catchUp(writer: Writer, log: readonly SaleEvent[]): void {
    for (const event of log.slice(writer.revision)) evolve(writer.state, event);
    writer.revision = log.length;
  }

  it('who append with expected revisions end where one writer would have come', () => {
    const turns = fc.array(fc.record({ writer: fc.nat(1), batch: fc.integer({ min: 1, max: 4 }) }), {
      maxLength: 60,
    });
    const story = fc.property(someTerms, steps(100), turns, (terms, told, schedule) => {
      const log: SaleEvent[] = [{ type: 'SaleStarted', data: terms }];
      const serial: SaleCommand[] = [];
      const writers = [0, 1].map((): Writer => ({ state: stateAfter(saleDecider, log), revision: 1 }));
      const commands: SaleCommand[] = [];
      play(start(terms), told, (command) => commands.push(command));
      for (const { writer: number, batch } of schedule) {
        const writer = writers[number];
        if (writer === undefined) throw new Error('There are two.');
        const mine = commands.splice(0, batch);
        for (;;) {
          openBatch(writer.state);
          const events = decideAll(writer.state, mine);
          // The append: it succeeds only where the writer has seen all there is.
          if (writer.revision === log.length) {
            keepBatch(writer.state);
            log.push(...events);
            writer.revision = log.length;
            serial.push(...mine);
            break;
          }
          undoBatch(writer.state);
          catchUp(writer, log);
        }
      }
      const one = stateAfter(saleDecider, log.slice(0, 1));
      expect([...log.slice(0, 1), ...decideAll(one, serial)]).toEqual(log);
      const model = createModel(terms);
      for (const event of log) follow(model, event);
      for (const writer of writers) {
        catchUp(writer, log);
        expect(contentsOf(writer.state)).toBe(contentsOf(one));
      }
    });
    fc.assert(story, RUNS);
  });

  function decideAll(state: SaleState, commands: readonly SaleCommand[]): SaleEvent[] {
    const log: SaleEvent[] = [];
    for (const command of commands) {
      for (const event of decide(command, state).events) {
        evolve(state, event);
        log.push(event);
      }
    }
    return log;
  }
});
