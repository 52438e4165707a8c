/** Which payment an order gets when somebody wants to pay it, and when it gets none. */
import { describe, expect, it } from 'vitest';
import { MAX_PAYMENTS_PER_ORDER, type PayOrderDeps, payOrder } from '../../src/commands/pay-order.ts';
import { paymentNumberOf } from '../../src/commands/payment-number.ts';
import { type PaymentCommand, type PaymentState, paymentDecider } from '../../src/domain/payment/index.ts';
import { type SaleCommand, saleDecider } from '../../src/domain/sale/index.ts';
import type { PaymentNumber } from '../../src/domain/shared/ids.ts';
import type { PaymentProvider } from '../../src/payments/provider.ts';
import { charge, request } from '../domain/payment/fixtures.ts';
import {
  ANN,
  BEN,
  historyOf,
  idOf,
  NOW_MS,
  PAYMENT_TTL_MS,
  placeOrder,
  terms,
} from '../domain/sale/fixtures.ts';
import { stateAfter } from '../support/given.ts';

const orderNumber = idOf.order(1);
const programId = terms().programId;
const CONTEXT = { commandId: 'c', correlationId: 'c', actor: 'test' };

const providerNamed = (name: string): PaymentProvider => ({
  name,
  requestCharge: async ({ paymentNumber }) => ({ payUrl: `https://${name}.example/${paymentNumber}` }),
  refund: async () => ({ kind: 'accepted' }),
  verifyCallback: () => ({ kind: 'refused', code: 'signature_invalid' }),
});
const simulated = providerNamed('simulated');

/** A till at which Ann's order, and what was done to it, can be paid. */
const openTill = (...commands: readonly SaleCommand[]) => {
  const sale = stateAfter(saleDecider, historyOf(placeOrder(), ...commands));
  const payments = new Map<PaymentNumber, PaymentState>();
  const stateOf = (number: PaymentNumber): PaymentState => payments.get(number) ?? paymentDecider.initial();
  const tell = (command: PaymentCommand) => {
    const { outcome, events } = paymentDecider.decide(command, stateOf(command.paymentNumber));
    payments.set(command.paymentNumber, events.reduce(paymentDecider.evolve, stateOf(command.paymentNumber)));
    return outcome;
  };
  let nowMs = NOW_MS;
  let isCancelled = false;
  let current: PaymentProvider | undefined = simulated;
  const known = new Map([[simulated.name, simulated]]);
  const deps = (): PayOrderDeps => ({
    sale: () => ({ peek: () => undefined, ask: async (question) => question(sale) }),
    payment: (number) => ({
      submit: async (command) => tell(command),
      ask: async (question) => question(stateOf(number)),
    }),
    provider: (name) => known.get(name),
    newPaymentsTo: current,
    isCancelled: async () => isCancelled,
    nowMs: () => nowMs,
  });
  return {
    tell,
    pay: (buyer = ANN) => payOrder(deps(), { orderNumber, buyer, programId }, CONTEXT),
    wait: (delayMs: number) => {
      nowMs += delayMs;
    },
    useProvider: (name: string, ...forget: readonly string[]) => {
      current = providerNamed(name);
      known.set(name, current);
      for (const gone of forget) known.delete(gone);
    },
    takeNoMore: () => {
      current = undefined;
    },
    cancelProgram: () => {
      isCancelled = true;
    },
  };
};
type Till = ReturnType<typeof openTill>;

const fail = (till: Till, attempt: number) =>
  till.tell({
    type: 'RecordFailure',
    paymentNumber: paymentNumberOf(orderNumber, attempt),
    nowMs: NOW_MS,
    code: 'declined',
  });
const capture = (till: Till, attempt: number, amountMinor = 1_000) =>
  till.tell({
    type: 'RecordCapture',
    paymentNumber: paymentNumberOf(orderNumber, attempt),
    nowMs: NOW_MS,
    providerReference: charge('ch_1'),
    amountMinor: idOf.money(amountMinor),
    currency: request.currency,
  });
const refused = (code: string) => ({ kind: 'refused', code });

describe('An order that is to be paid', () => {
  it('gets a payment of what it costs', async () => {
    const till = openTill();
    const paymentNumber = paymentNumberOf(orderNumber, 1);
    expect(await till.pay()).toEqual({
      kind: 'payable',
      paymentNumber,
      amountMinor: 1_000,
      currency: 'CNY',
      provider: 'simulated',
      payUrl: `https://simulated.example/${paymentNumber}`,
    });
  });

  it('gets the same payment again while that is open', async () => {
    const till = openTill();
    expect(await till.pay()).toEqual(await till.pay());
  });

  it('gets the next one when the last failed, or its charge paid nothing', async () => {
    const till = openTill();
    await till.pay();
    fail(till, 1);
    expect(await till.pay()).toMatchObject({ paymentNumber: paymentNumberOf(orderNumber, 2) });
    capture(till, 2, 999);
    expect(await till.pay()).toMatchObject({ paymentNumber: paymentNumberOf(orderNumber, 3) });
  });

  it('gets none once one was captured, though the sale may not know it yet', async () => {
    const till = openTill();
    await till.pay();
    capture(till, 1);
    expect(await till.pay()).toEqual(refused('order_already_paid'));
  });

  it('gets none after too many that came to nothing', async () => {
    const till = openTill();
    for (let attempt = 1; attempt <= MAX_PAYMENTS_PER_ORDER; attempt++) {
      expect(await till.pay()).toMatchObject({ kind: 'payable' });
      fail(till, attempt);
    }
    expect(await till.pay()).toEqual(refused('too_many_payments'));
  });

  it('goes around a number that another order has', async () => {
    const till = openTill();
    const paymentNumber = paymentNumberOf(orderNumber, 1);
    till.tell({ type: 'RequestPayment', nowMs: NOW_MS, ...request, paymentNumber });
    expect(await till.pay()).toMatchObject({ paymentNumber: paymentNumberOf(orderNumber, 2) });
  });

  it('stays with the provider of its open payment, and leaves one that is no longer there', async () => {
    const till = openTill();
    await till.pay();
    till.useProvider('stripe');
    expect(await till.pay()).toMatchObject({ provider: 'simulated' });
    till.useProvider('stripe', 'simulated');
    expect(await till.pay()).toMatchObject({
      provider: 'stripe',
      paymentNumber: paymentNumberOf(orderNumber, 2),
    });
  });
});

describe('An order that cannot be paid', () => {
  const confirm: SaleCommand = {
    type: 'ConfirmPayment',
    orderNumber,
    paymentNumber: idOf.payment(100),
    amountMinor: idOf.money(1_000),
  };
  const cancel: SaleCommand = { type: 'CancelOrder', orderNumber, buyer: ANN };
  const expire: SaleCommand = { type: 'ExpireOrder', orderNumber, nowMs: NOW_MS + PAYMENT_TTL_MS };
  const giveBack: SaleCommand = { type: 'RefundOrder', orderNumber };

  it.each([
    ['order_already_paid', [confirm]],
    ['order_already_paid', [confirm, { type: 'IssueTickets', orderNumber } as const]],
    ['order_cancelled', [cancel]],
    ['order_expired', [expire]],
    ['order_refunded', [confirm, giveBack]],
  ])('says %s', async (code, commands) => {
    expect(await openTill(...commands).pay()).toEqual(refused(code));
  });

  it('is past its deadline, though nobody has said that it expired', async () => {
    const till = openTill();
    till.wait(PAYMENT_TTL_MS - 1);
    expect(await till.pay()).toMatchObject({ kind: 'payable' });
    till.wait(1);
    expect(await till.pay()).toEqual(refused('order_expired'));
  });

  it('is of a program that was cancelled', async () => {
    const till = openTill({ type: 'EndSale', nowMs: NOW_MS });
    expect(await till.pay()).toMatchObject({ kind: 'payable' });
    till.cancelProgram();
    expect(await till.pay()).toEqual(refused('program_cancelled'));
  });

  it('has nobody who would take the money, unless its payment is open already', async () => {
    const [begun, fresh] = [openTill(), openTill()];
    const open = await begun.pay();
    begun.takeNoMore();
    fresh.takeNoMore();
    expect(await begun.pay()).toEqual(open);
    expect(await fresh.pay()).toEqual(refused('no_payment_provider'));
  });

  it('is another buyer’s', async () => {
    expect(await openTill().pay(BEN)).toEqual(refused('not_your_order'));
  });
});
