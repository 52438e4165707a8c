import { describe, expect, it } from 'vitest';
import {
  keepBatch,
  openBatch,
  programOfSaleStream,
  type SaleEvent,
  saleDecider,
  saleStream,
  snapshotSale,
  undoBatch,
} from '../../../src/domain/sale/index.ts';
import { programIdSchema } from '../../../src/domain/shared/ids.ts';
import { stateAfter } from '../../support/given.ts';
import { ANN, BEN, eventsOf, historyOf, holdSeats, idOf, people, placeOrder, started } from './fixtures.ts';

const { evolve, initial } = saleDecider;

describe('A log that contradicts itself', () => {
  const folding =
    (...history: readonly SaleEvent[]) =>
    () =>
      stateAfter(saleDecider, history);
  const bens = placeOrder({
    orderNumber: idOf.order(2),
    requestId: idOf.request(2),
    buyer: BEN,
    ticketUsers: people(3, 4),
  });
  it('is not folded into two owners of one seat', () => {
    const [first, second] = [eventsOf(placeOrder(), started()), eventsOf(bens, started())];
    expect(folding(started(), ...first, ...second)).toThrow('Seat 0 is given to a second owner.');
  });
  it('is not folded into more takers than there are places', () => {
    const want = { by: 'category', category: idOf.category('standing'), count: 2 } as const;
    const [first, second] = [
      eventsOf(placeOrder({ want }), started()),
      eventsOf({ ...bens, want }, started()),
    ];
    expect(folding(started(), ...first, ...second)).toThrow('Category 1 has more takers than places.');
  });
  it('is not folded into orders or holds out of nothing', () => {
    const places: [number, number][] = [[0, 0]];
    const cancelled: SaleEvent = { type: 'OrderCancelled', data: { orderNumber: idOf.order(1), places } };
    const released: SaleEvent = { type: 'HoldReleased', data: { holdToken: idOf.hold('h'), places } };
    expect(folding(started(), cancelled)).toThrow('Order 1 changes and is not known.');
    expect(folding(started(), released)).toThrow('Hold h ends and is not known.');
    expect(folding(cancelled)).toThrow('OrderCancelled comes before SaleStarted.');
  });
});

describe('A batch', () => {
  it('that started the sale can be taken back', () => {
    const state = initial();
    openBatch(state);
    for (const event of historyOf(placeOrder())) evolve(state, event);
    undoBatch(state);
    expect(state.book).toBeUndefined();
    for (const event of historyOf(holdSeats())) evolve(state, event);
    expect(state.book?.held[0]).toBe(2);
  });
  it('is one at a time, and has no snapshot before it is in the log', () => {
    const state = stateAfter(saleDecider, historyOf(placeOrder()));
    openBatch(state);
    expect(() => openBatch(state)).toThrow('A batch is open already.');
    evolve(state, { type: 'OrderCancelled', data: { orderNumber: idOf.order(1), places: [[0, 0]] } });
    expect(() => snapshotSale(state)).toThrow('A batch is open');
    keepBatch(state);
    expect(snapshotSale(state).length).toBeGreaterThan(0);
  });
});

describe('The stream of a sale', () => {
  it('is named after its program, and leads back to it', () => {
    const program = programIdSchema.parse('swan-lake');
    expect(saleStream(program)).toBe('Sale-swan-lake');
    expect(programOfSaleStream('Sale-swan-lake')).toBe(program);
    expect(programOfSaleStream(`Program-${ANN}`)).toBeUndefined();
    expect(programOfSaleStream('Sale-')).toBeUndefined();
  });
});
