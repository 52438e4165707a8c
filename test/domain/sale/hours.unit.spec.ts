import { describe, expect, it } from 'vitest';
import {
  openBatch,
  restoreSale,
  type SaleCommand,
  type SaleEvent,
  saleDecider,
  snapshotSale,
  undoBatch,
} from '../../../src/domain/sale/index.ts';
import { stateAfter } from '../../support/given.ts';
import {
  CLOSES_AT_MS,
  given,
  historyOf,
  holdSeats,
  NOW_MS,
  OPENS_AT_MS,
  placeOrder,
  started,
  terms,
} from './fixtures.ts';

const later = { opensAtMs: NOW_MS + 1, closesAtMs: CLOSES_AT_MS + 1 };
const reschedule: SaleCommand = { type: 'RescheduleSale', ...later };
const rescheduled: SaleEvent = { type: 'SaleRescheduled', data: later };
const outcome = { kind: 'sale_rescheduled' } as const;
const refusing = (code: 'sale_not_open' | 'sale_closed' | 'sale_ends_before_it_begins') =>
  ({ kind: 'refused', code }) as const;

describe('The hours of a sale', () => {
  it('can be changed after it has started, before it opens and while it is open', () => {
    given(started()).when(reschedule).then(outcome, [rescheduled]);
    given(...historyOf(placeOrder()))
      .when(reschedule)
      .then(outcome, [rescheduled]);
  });
  it('are changed by a repeated command once, and by its own hours not at all', () => {
    given(started(), rescheduled).when(reschedule).then(outcome);
    const same: SaleCommand = {
      type: 'RescheduleSale',
      opensAtMs: OPENS_AT_MS,
      closesAtMs: CLOSES_AT_MS,
    };
    given(started()).when(same).then(outcome);
  });
  it('can be set back to what they were', () => {
    const back = { opensAtMs: OPENS_AT_MS, closesAtMs: CLOSES_AT_MS };
    given(started(), rescheduled)
      .when({ type: 'RescheduleSale', ...back })
      .then(outcome, [{ type: 'SaleRescheduled', data: back }]);
  });
  it('are not changed before it has started, after it was ended, or to none at all', () => {
    given().when(reschedule).then(refusing('sale_not_open'));
    given(started(), { type: 'SaleEnded', data: { endedAtMs: NOW_MS } })
      .when(reschedule)
      .then(refusing('sale_closed'));
    given(started())
      .when({ type: 'RescheduleSale', opensAtMs: NOW_MS, closesAtMs: NOW_MS })
      .then(refusing('sale_ends_before_it_begins'));
  });
  it('that are new decide who may order and hold, not those it was started with', () => {
    given(started(), rescheduled).when(placeOrder()).then(refusing('sale_not_open'));
    given(started(), rescheduled).when(holdSeats()).then(refusing('sale_not_open'));
    const sooner: SaleEvent = {
      type: 'SaleRescheduled',
      data: { opensAtMs: OPENS_AT_MS, closesAtMs: NOW_MS },
    };
    given(started(), sooner).when(placeOrder()).then(refusing('sale_closed'));
    const atTheNewEnd = placeOrder({ nowMs: CLOSES_AT_MS });
    expect(given(started(), rescheduled).when(atTheNewEnd).decision.outcome.kind).toBe('order_placed');
  });
  it('do not make a sale startable with other terms, or a repeated start an error', () => {
    const start: SaleCommand = { type: 'StartSale', terms: terms() };
    given(started(), rescheduled).when(start).then({ kind: 'sale_started' });
    given(started(), rescheduled)
      .when({ type: 'StartSale', terms: terms(later) })
      .then({ kind: 'refused', code: 'sale_already_started' });
  });
  it('are the old ones again when the change is taken back', () => {
    const state = stateAfter(saleDecider, [started()]);
    openBatch(state);
    saleDecider.evolve(state, rescheduled);
    undoBatch(state);
    expect(saleDecider.decide(placeOrder(), state).outcome.kind).toBe('order_placed');
  });
  it('come back from a snapshot', () => {
    const restored = restoreSale(snapshotSale(stateAfter(saleDecider, [started(), rescheduled])));
    if (restored === undefined) throw new Error('The snapshot is of the current format.');
    expect(saleDecider.decide(placeOrder(), restored).outcome).toEqual(refusing('sale_not_open'));
    expect(saleDecider.decide(reschedule, restored)).toEqual({ outcome, events: [] });
  });
});
