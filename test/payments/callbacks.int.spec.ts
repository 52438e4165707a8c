/** From an order to its tickets over HTTP, with a provider whose callbacks come in every bad way there is. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type OrderNumber,
  type ProgramId,
  paymentNumberSchema,
  programIdSchema,
} from '../../src/domain/shared/ids.ts';
import { callbackBodyOf } from '../../src/payments/callback-body.ts';
import type { ProviderNotice } from '../../src/payments/provider.ts';
import { SIGNATURE_WINDOW_MS, signCallback } from '../../src/payments/signature.ts';
import { charge, cny, refundId } from '../domain/payment/fixtures.ts';
import { ANN, BEN, idOf, people, placeOrder, terms } from '../domain/sale/fixtures.ts';
import { until } from '../support/until.ts';
import { CALLBACK_KEY, type House, useHouse } from './house.ts';

const use = useHouse();
const DAY_MS = 86_400_000;
const PAYMENT_TTL_MS = 900_000;
let lastOrder = 5_000_000;
/** One for each order of this file. */
const nextOrder = (): number => {
  lastOrder += 256;
  return lastOrder;
};

type Sold = { readonly programId: ProgramId; readonly orderNumber: OrderNumber };

/** A hall of its own with Ann's order of seats 0 and 1, 1,000 in all. */
const sell = async (house: House, paymentTtlMs = PAYMENT_TTL_MS): Promise<Sold> => {
  const programId = programIdSchema.parse(`p-${randomUUID()}`);
  const window = { opensAtMs: Date.now() - DAY_MS, closesAtMs: Date.now() + DAY_MS };
  await house.submit(programId, { type: 'StartSale', terms: terms({ programId, paymentTtlMs, ...window }) });
  const orderNumber = idOf.order(nextOrder());
  house.programs.set(orderNumber, programId);
  const placed = await house.submit(programId, placeOrder({ orderNumber, nowMs: Date.now() }));
  if (placed.kind !== 'order_placed') throw new Error(JSON.stringify(placed));
  return { programId, orderNumber };
};
const sellToBen = async (house: House, programId: ProgramId, seats: readonly number[], persons: number[]) => {
  const number = nextOrder();
  const order = { orderNumber: idOf.order(number), buyer: BEN, requestId: idOf.request(number) };
  const want = { by: 'seats', seats } as const;
  const command = placeOrder({ ...order, ticketUsers: people(...persons), want, nowMs: Date.now() });
  expect(await house.submit(programId, command)).toMatchObject({ kind: 'order_placed' });
};
const captured = (paymentNumber: string, reference: string, amountMinor = 1_000): string =>
  callbackBodyOf({
    kind: 'captured',
    paymentNumber: paymentNumberSchema.parse(paymentNumber),
    providerReference: charge(reference),
    amountMinor: idOf.money(amountMinor),
    currency: cny,
  } satisfies ProviderNotice);
const payPage = (house: House, chargeId: string, what: 'pay' | 'decline', query = '') =>
  house.request('POST', `/simulated-provider/charges/${chargeId}/${what}${query}`);

describe('An order that is paid on the provider’s page', () => {
  it('gets its tickets, and the page says that it is paid', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    const page = await house.request('GET', `/simulated-provider/charges/${chargeId}`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toMatch(/CNY\s10\.00[\s\S]*<button type="submit">Pay<\/button>/);
    const paid = await payPage(house, chargeId, 'pay');
    expect(paid.status).toBe(303);
    await house.untilSale(programId, 'TicketsIssued');
    expect(await house.paymentTypes(paymentNumber)).toEqual(['PaymentRequested', 'PaymentCaptured']);
    const after = await house.request('GET', paid.headers.get('location') ?? '');
    expect(await after.text()).toContain('<h1>Paid</h1>');
  });

  it('has one open payment, however often its buyer asks, and none for anybody else', async () => {
    const { house } = use;
    const { orderNumber } = await sell(house);
    const all = await Promise.all(Array.from({ length: 8 }, () => house.payOf(orderNumber, ANN)));
    expect(new Set(all.map(({ chargeId }) => chargeId)).size).toBe(1);
    const stranger = await house.request('POST', `/orders/${orderNumber}/pay`, { as: BEN });
    expect([stranger.status, await stranger.json()]).toMatchObject([404, { code: 'not_your_order' }]);
  });

  it('may be paid by another payment after the first was declined', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const first = await house.payOf(orderNumber, ANN);
    await payPage(house, first.chargeId, 'decline');
    await house.untilPayment(first.paymentNumber, 'PaymentFailed');
    expect(await (await payPage(house, first.chargeId, 'pay')).json()).toMatchObject({
      code: 'payment_declined',
    });
    const second = await house.payOf(orderNumber, ANN);
    expect(second.paymentNumber).not.toBe(first.paymentNumber);
    await payPage(house, second.chargeId, 'pay');
    await house.untilSale(programId, 'TicketsIssued');
    const again = await house.request('POST', `/orders/${orderNumber}/pay`, { as: ANN });
    expect([again.status, await again.json()]).toMatchObject([409, { code: 'order_already_paid' }]);
    // The declined charge is captured after all: both were, and one is given back.
    await payPage(house, first.chargeId, 'pay', '?again=true');
    await house.untilPayment(first.paymentNumber, 'RefundCompleted');
    expect((await house.saleTypes(programId)).at(-1)).toBe('TicketsIssued');
  });

  it('is given back by an operator ticket by ticket, and the money follows', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    await payPage(house, chargeId, 'pay');
    await house.untilSale(programId, 'TicketsIssued');
    const refund = `/orders/${orderNumber}/refund`;
    expect((await house.request('POST', refund, { as: ANN, body: {} })).status).toBe(403);
    const operator = { as: 'op', scopes: ['operator'] };
    const some = await house.request('POST', refund, { ...operator, body: { tickets: [1] } });
    expect([some.status, await some.json()]).toEqual([202, { orderNumber, status: 'issued', tickets: [0] }]);
    await house.untilPayment(paymentNumber, 'RefundCompleted');
    const rest = await house.request('POST', refund, { ...operator, body: {} });
    expect(await rest.json()).toEqual({ orderNumber, status: 'refunded', tickets: [] });
    await until('both are back', async () => {
      const types = await house.paymentTypes(paymentNumber);
      return types.filter((type) => type === 'RefundCompleted').length === 2;
    });
  });
});

describe('A callback', () => {
  it('that comes again is answered 200 and has no second effect', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber } = await house.payOf(orderNumber, ANN);
    const body = captured(paymentNumber, 'ch_twice');
    const signature = signCallback(CALLBACK_KEY, Buffer.from(body), Date.now());
    const answers = await Promise.all(Array.from({ length: 5 }, () => house.callback(body, signature)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await house.untilSale(programId, 'TicketsIssued');
    expect((await house.callback(body)).status).toBe(200);
    expect(await house.paymentTypes(paymentNumber)).toEqual(['PaymentRequested', 'PaymentCaptured']);
  });

  it('that is forged, changed, too old or of the future does nothing', async () => {
    const { house } = use;
    const { orderNumber } = await sell(house);
    const { paymentNumber } = await house.payOf(orderNumber, ANN);
    const body = captured(paymentNumber, 'ch_forged');
    const bytes = Buffer.from(body);
    const sign = (differenceMs: number, key = CALLBACK_KEY) =>
      signCallback(key, bytes, Date.now() + differenceMs);
    const codeOf = async (answer: Promise<Response>) => {
      const { status } = await answer;
      return [status, ((await (await answer).json()) as { code: string }).code];
    };
    expect(await codeOf(house.callback(body, sign(0, { bytes: new Uint8Array(32) })))).toEqual([
      401,
      'signature_invalid',
    ]);
    expect(await codeOf(house.callback(`${body} `, sign(0)))).toEqual([401, 'signature_invalid']);
    const minute = 60_000;
    expect(await codeOf(house.callback(body, sign(-SIGNATURE_WINDOW_MS - minute)))).toEqual([
      401,
      'callback_too_old',
    ]);
    expect(await codeOf(house.callback(body, sign(SIGNATURE_WINDOW_MS + minute)))).toEqual([
      401,
      'callback_too_old',
    ]);
    expect(await codeOf(house.callback('{"kind":"stolen"}'))).toEqual([422, 'invalid_request']);
    expect(await codeOf(house.callback(captured('77', 'ch_x')))).toEqual([404, 'payment_not_found']);
    const unknown = house.request('POST', '/payments/callbacks/nobody', { body: {} });
    expect(await codeOf(unknown)).toEqual([404, 'unknown_provider']);
    expect(await house.paymentTypes(paymentNumber)).toEqual(['PaymentRequested']);
  });

  it('of a failure behind that of the capture changes nothing; before it, the capture counts', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber } = await house.payOf(orderNumber, ANN);
    const failed = callbackBodyOf({ kind: 'failed', paymentNumber, code: 'declined' });
    await house.callback(failed);
    await house.callback(captured(paymentNumber, 'ch_late'));
    const again = await house.callback(failed);
    expect(await again.json()).toEqual({ outcome: 'ignored' });
    await house.untilSale(programId, 'TicketsIssued');
    expect(await house.paymentTypes(paymentNumber)).toEqual([
      'PaymentRequested',
      'PaymentFailed',
      'PaymentCaptured',
    ]);
  });

  it('of a completed refund wins over one of its failure, and is refused where nobody asked', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    const completed = (name: string) =>
      callbackBodyOf({
        kind: 'refund_completed',
        paymentNumber,
        refundId: refundId(name),
        amountMinor: idOf.money(1_000),
        currency: cny,
      });
    expect(await (await house.callback(completed('r-unknown'))).json()).toMatchObject({
      code: 'refund_not_found',
    });
    await payPage(house, chargeId, 'pay');
    await house.untilSale(programId, 'TicketsIssued');
    await house.submit(programId, { type: 'RefundOrder', orderNumber });
    await house.untilPayment(paymentNumber, 'RefundCompleted');
    const failed = callbackBodyOf({
      kind: 'refund_failed',
      paymentNumber,
      refundId: refundId(`${paymentNumber}-ticket-0`),
      attempt: 1,
      code: 'bank_away',
    });
    expect(await (await house.callback(failed)).json()).toEqual({ outcome: 'ignored' });
    await house.callback(completed(`${paymentNumber}-ticket-0`));
    expect((await house.paymentTypes(paymentNumber)).slice(-2)).toEqual([
      'RefundRequested',
      'RefundCompleted',
    ]);
  });

  it('of a charge with a wrong amount gives that back, and the order can still be paid', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const odd = await house.payOf(orderNumber, ANN);
    await payPage(house, odd.chargeId, 'pay', '?amountMinor=999');
    await house.untilPayment(odd.paymentNumber, 'RefundCompleted');
    const right = await house.payOf(orderNumber, ANN);
    expect(right.paymentNumber).not.toBe(odd.paymentNumber);
    await payPage(house, right.chargeId, 'pay');
    await house.untilSale(programId, 'TicketsIssued');
  });
});

describe('A payment that comes after its order has expired', () => {
  const late = async (house: House, meanwhile: (sold: Sold) => Promise<unknown>) => {
    const sold = await sell(house);
    const payment = await house.payOf(sold.orderNumber, ANN);
    const nowMs = Date.now() + PAYMENT_TTL_MS + 1;
    await house.submit(sold.programId, { type: 'ExpireOrder', orderNumber: sold.orderNumber, nowMs });
    await meanwhile(sold);
    await payPage(house, payment.chargeId, 'pay');
    return { ...sold, ...payment };
  };

  it('gets the same seats where they are free', async () => {
    const { house } = use;
    const { programId } = await late(house, async () => undefined);
    await house.untilSale(programId, 'TicketsIssued');
    const [reseated, ...more] = (await house.saleEvents(programId)).slice(-3);
    expect(reseated).toMatchObject({ type: 'OrderReseated', data: { sameSeats: true } });
    expect(more.map(({ type }) => type)).toEqual(['OrderPaid', 'TicketsIssued']);
  });

  it('gets equal seats where its own are taken', async () => {
    const { house } = use;
    const { programId } = await late(house, (sold) => sellToBen(house, sold.programId, [0, 1], [3, 4]));
    await house.untilSale(programId, 'TicketsIssued');
    const [reseated] = (await house.saleEvents(programId)).slice(-3);
    expect(reseated).toMatchObject({ type: 'OrderReseated', data: { sameSeats: false, together: 'row' } });
  });

  it('gets its money back where no two seats are left together', async () => {
    const { house } = use;
    const { programId, paymentNumber } = await late(house, async ({ programId: hall }) => {
      await sellToBen(house, hall, [0, 2, 3, 6], [3, 4, 5, 6]);
      await sellToBen(house, hall, [8, 10], [7, 8]);
    });
    await house.untilPayment(paymentNumber, 'RefundCompleted');
    const last = (await house.saleEvents(programId)).at(-1);
    expect(last).toMatchObject({ type: 'LatePaymentRefused', data: { paymentNumber, code: 'not_together' } });
    expect(await house.paymentTypes(paymentNumber)).toEqual([
      'PaymentRequested',
      'PaymentCaptured',
      'RefundRequested',
      'RefundCompleted',
    ]);
  });
});

describe('What a crash interrupts', () => {
  it('between the capture and its callback goes on when the provider is back', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    await house.stopDelivery();
    await payPage(house, chargeId, 'pay');
    expect(await house.paymentTypes(paymentNumber)).toEqual(['PaymentRequested']);
    house.startDelivery();
    await house.untilSale(programId, 'TicketsIssued');
  });

  it('between a callback and its answer delivers it again, without a second effect', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    await house.stopDelivery();
    let sent = 0;
    house.startDelivery({
      post: async (url, headers, body) => {
        sent++;
        const { status } = await fetch(url, { method: 'POST', headers, body });
        if (sent === 1) throw new Error('The answer is lost.');
        return status;
      },
    });
    await payPage(house, chargeId, 'pay');
    await until('it is sent again', () => sent === 2);
    await house.untilSale(programId, 'TicketsIssued');
    expect(await house.paymentTypes(paymentNumber)).toEqual(['PaymentRequested', 'PaymentCaptured']);
    await house.stopDelivery();
    house.startDelivery();
  });

  it('between the callback and the sale goes on when the processes are back', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    await house.stopProcesses();
    await payPage(house, chargeId, 'pay');
    await house.untilPayment(paymentNumber, 'PaymentCaptured');
    expect((await house.saleTypes(programId)).at(-1)).toBe('OrderPlaced');
    // Paid, though the sale does not know it yet: nobody is to pay twice.
    const again = await house.request('POST', `/orders/${orderNumber}/pay`, { as: ANN });
    expect(await again.json()).toMatchObject({ code: 'order_already_paid' });
    house.startProcesses();
    await house.untilSale(programId, 'TicketsIssued');
  });

  it('of a refund at the bank is tried again until it works', async () => {
    const { house } = use;
    const { programId, orderNumber } = await sell(house);
    const { paymentNumber, chargeId } = await house.payOf(orderNumber, ANN);
    await payPage(house, chargeId, 'pay');
    await house.untilSale(programId, 'TicketsIssued');
    house.refundFailure = 'bank_away';
    await house.submit(programId, { type: 'RefundOrder', orderNumber });
    await until('it was tried', async () =>
      (await house.paymentTypes(paymentNumber)).includes('RefundFailed'),
    );
    house.refundFailure = undefined;
    await house.untilPayment(paymentNumber, 'RefundCompleted');
    const types = await house.paymentTypes(paymentNumber);
    expect(types.filter((type) => type === 'RefundCompleted')).toHaveLength(1);
    expect(types).toContain('RefundRetried');
  });
});
