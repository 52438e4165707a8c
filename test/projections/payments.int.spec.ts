/** What the tables say of money is what the payments themselves say, and each buyer sees only their own. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  balanceOf,
  type PaymentState,
  payingCapture,
  paymentStatusOf,
  type RequestedPayment,
} from '../../src/domain/payment/index.ts';
import type { OrderNumber, UserId } from '../../src/domain/shared/ids.ts';
import {
  moneyOf,
  openPaymentOfOrder,
  type Payment,
  paymentsOfOrder,
  refundsStuck,
} from '../../src/projections/payments/index.ts';
import * as told from '../domain/payment/fixtures.ts';
import { printedRandom } from '../support/random.ts';
import { paymentSteps, playPayments } from './payment-stories.ts';
import { applyInBatches, contents, emptyTables, inLog, inRandomBatches, useDatabase } from './read-models.ts';

const random = printedRandom();
const RUNS = { numRuns: 25, seed: random.seed, interruptAfterTimeLimit: 40_000 };
const database = useDatabase();

const requestedIn = (states: Iterable<PaymentState>): RequestedPayment[] =>
  [...states].flatMap((state) => (state.kind === 'requested' ? [state] : []));

const sum = (amounts: readonly number[]): number => amounts.reduce((one, other) => one + other, 0);

/** The payment as its own state has it. */
function expected(state: RequestedPayment) {
  const paying = payingCapture(state);
  const { refundedMinor = 0, refundingMinor = 0 } = paying ? balanceOf(state, paying) : {};
  const { paymentNumber, orderNumber, buyer, currency } = state.request;
  return {
    ...{ paymentNumber, orderNumber, buyer, currency, refundedMinor, refundingMinor },
    status: paymentStatusOf(state),
    capturedMinor: paying?.amountMinor ?? 0,
  };
}

const straysIn = (state: RequestedPayment) =>
  state.captures
    .filter(({ stray }) => stray !== null)
    .map((capture) => {
      const { capturedMinor, refundedMinor, refundingMinor } = balanceOf(state, capture);
      const { stray: cause, currency } = capture;
      return JSON.stringify({ cause, capturedMinor, currency, refundedMinor, refundingMinor });
    })
    .sort();

const straysShown = ({ strays }: Payment) =>
  strays
    .map(({ cause, capturedMinor, currency, refundedMinor, refundingMinor }) =>
      JSON.stringify({ cause, capturedMinor, currency, refundedMinor, refundingMinor }),
    )
    .sort();

describe('payments of any history', () => {
  it('are what the payments say: status, money, strays, refunds that hang, sums of a program', async () => {
    const story = fc.asyncProperty(paymentSteps, async (steps) => {
      const { events, states } = playPayments(steps);
      await emptyTables(database.db);
      await applyInBatches(database.db, inRandomBatches(inLog(events), random));
      const requested = requestedIn(states.values());
      for (const state of requested) {
        const { paymentNumber, orderNumber, buyer } = state.request;
        const shown = (await paymentsOfOrder(database.db, orderNumber, buyer)).find(
          (payment) => payment.paymentNumber === paymentNumber,
        );
        expect(shown).toMatchObject(expected(state));
        if (shown !== undefined) expect(straysShown(shown)).toEqual(straysIn(state));
      }
      const stuck = requested.flatMap(({ refunds }) => refunds.filter(({ status }) => status === 'failed'));
      const shownStuck = await refundsStuck(database.db, 100);
      expect(shownStuck.length).toBe(stuck.length);
      expect(sum(shownStuck.map(({ amountMinor }) => amountMinor))).toBe(
        sum(stuck.map(({ amountMinor }) => amountMinor)),
      );
      for (const programId of new Set(requested.map(({ request }) => request.programId))) {
        const captures = requested
          .filter(({ request }) => request.programId === programId)
          .flatMap((state) =>
            state.captures.map((capture) => ({ ...capture, ...balanceOf(state, capture) })),
          );
        for (const row of await moneyOf(database.db, programId)) {
          const paying = captures.filter((one) => one.stray === null && one.currency === row.currency);
          const strays = captures.filter((one) => one.stray !== null && one.currency === row.currency);
          expect(row).toEqual({
            currency: row.currency,
            capturedMinor: sum(paying.map((one) => one.capturedMinor)),
            refundedMinor: sum(paying.map((one) => one.refundedMinor)),
            refundingMinor: sum(paying.map((one) => one.refundingMinor)),
            strayCapturedMinor: sum(strays.map((one) => one.capturedMinor)),
            strayRefundedMinor: sum(strays.map((one) => one.refundedMinor)),
            strayRefundingMinor: sum(strays.map((one) => one.refundingMinor)),
          });
        }
      }
    });
    await fc.assert(story, RUNS);
  });

  it('are the same whether the log comes event by event, in batches, or at once', async () => {
    const story = fc.asyncProperty(paymentSteps, async (steps) => {
      const events = inLog(playPayments(steps).events);
      const rowsAfter = async (batches: Parameters<typeof applyInBatches>[1]) => {
        await emptyTables(database.db);
        await applyInBatches(database.db, batches);
        return contents(database.db);
      };
      const oneByOne = await rowsAfter(events.map((event) => [event]));
      expect(await rowsAfter(inRandomBatches(events, random))).toEqual(oneByOne);
      expect(await rowsAfter([events])).toEqual(oneByOne);
    });
    await fc.assert(story, { ...RUNS, numRuns: 8 });
  });
});

describe('a payment', () => {
  const { orderNumber } = told;
  const buyer = told.request.buyer;
  const tell = async (...events: Parameters<typeof inLog>[0][number]['event'][]) => {
    await emptyTables(database.db);
    const stream = `Payment-${told.paymentNumber}`;
    await applyInBatches(database.db, [inLog(events.map((event) => ({ stream, event })))]);
  };
  const open = (order: OrderNumber, who: UserId) => openPaymentOfOrder(database.db, order, who);
  beforeAll(() => emptyTables(database.db));

  it('is open until it is captured or has failed', async () => {
    await tell(told.requested);
    expect(await open(orderNumber, buyer)).toMatchObject({ status: 'requested', amountMinor: 1_000 });
    await tell(told.requested, told.captured);
    expect(await open(orderNumber, buyer)).toBeUndefined();
    await tell(told.requested, told.failed);
    expect(await open(orderNumber, buyer)).toBeUndefined();
  });

  it('is nobody else’s', async () => {
    await tell(told.requested);
    const other = 'somebody-else' as UserId;
    expect(await open(orderNumber, other)).toBeUndefined();
    expect(await paymentsOfOrder(database.db, orderNumber, other)).toEqual([]);
  });

  it('keeps the code of its last failure, also when it was captured after all', async () => {
    await tell(told.requested, told.failed, told.captured);
    const [payment] = await paymentsOfOrder(database.db, orderNumber, buyer);
    expect(payment).toMatchObject({ status: 'captured', failureCode: 'declined', capturedMinor: 1_000 });
  });

  it('shows a refund that failed until it is tried again', async () => {
    const failed = [told.refundRequested('r-1', 400), told.refundFailed('r-1', 1)];
    await tell(told.requested, told.captured, ...failed);
    expect(await refundsStuck(database.db, 10)).toMatchObject([
      { refundId: 'r-1', amountMinor: 400, attempt: 1, failureCode: 'bank_away', orderNumber },
    ]);
    await tell(told.requested, told.captured, ...failed, told.refundRetried('r-1', 2));
    expect(await refundsStuck(database.db, 10)).toEqual([]);
  });
});
