import { describe, expect, it } from 'vitest';
import {
  orderInSale,
  type SaleCommand,
  type SaleEvent,
  saleDecider,
} from '../../../src/domain/sale/index.ts';
import { stateAfter } from '../../support/given.ts';
import { ANN, BEN, historyOf, idOf, NOW_MS, PAYMENT_TTL_MS, placeOrder } from './fixtures.ts';

const orderNumber = idOf.order(1);
const paymentNumber = idOf.payment(100);
const confirm: SaleCommand = {
  type: 'ConfirmPayment',
  orderNumber,
  paymentNumber,
  amountMinor: idOf.money(1_000),
};
const expire: SaleCommand = { type: 'ExpireOrder', orderNumber, nowMs: NOW_MS + PAYMENT_TTL_MS };
const ask = (history: readonly SaleEvent[], buyer: typeof ANN | undefined = ANN) =>
  orderInSale(stateAfter(saleDecider, history), orderNumber, buyer);

describe('An order that is asked for', () => {
  it('says what is to be paid, in which currency and until when', () => {
    expect(ask(historyOf(placeOrder()))).toEqual({
      kind: 'found',
      status: 'awaiting_payment',
      amountMinor: 1_000,
      currency: 'CNY',
      deadlineMs: NOW_MS + PAYMENT_TTL_MS,
      tickets: [0, 1],
      paymentNumber: null,
      hasSaleEnded: false,
    });
  });

  it('says that its sale has ended', () => {
    const history = historyOf(placeOrder(), { type: 'EndSale', nowMs: NOW_MS });
    expect(ask(history)).toMatchObject({ status: 'awaiting_payment', hasSaleEnded: true });
  });

  it('names the payment that bought it, and what is left of it after a refund of one ticket', () => {
    const history = historyOf(placeOrder(), confirm, { type: 'RefundOrder', orderNumber, tickets: [0] });
    expect(ask(history)).toMatchObject({ status: 'paid', amountMinor: 500, tickets: [1], paymentNumber });
  });

  it('is found after it has expired, while it is remembered', () => {
    expect(ask(historyOf(placeOrder(), expire))).toMatchObject({ status: 'expired', paymentNumber: null });
  });

  it('is not another buyer’s to see', () => {
    expect(ask(historyOf(placeOrder()), BEN)).toEqual({ kind: 'refused', code: 'not_your_order' });
  });

  it('is an operator’s to see, who names no buyer', () => {
    const state = stateAfter(saleDecider, historyOf(placeOrder()));
    expect(orderInSale(state, orderNumber)).toMatchObject({ kind: 'found' });
  });

  it('is not found when it never was, or its sale never began', () => {
    expect(ask(historyOf())).toEqual({ kind: 'refused', code: 'order_not_found' });
    expect(ask([])).toEqual({ kind: 'refused', code: 'sale_not_open' });
  });
});
