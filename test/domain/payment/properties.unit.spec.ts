import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  balanceOf,
  type PaymentCommand,
  type PaymentEvent,
  payingCapture,
  paymentDecider,
  paymentEventSpecs,
} from '../../../src/domain/payment/index.ts';
import { play } from '../../support/play.ts';
import { charge, cny, fen, nowMs, paymentNumber, refundId, request, usd } from './fixtures.ts';

const type = <T extends string>(name: T) => fc.constant(name);
const common = {
  paymentNumber: fc.constant(paymentNumber),
  nowMs: fc.integer({ min: nowMs, max: nowMs + 9 }),
};
const currency = fc.constantFrom(cny, cny, cny, usd);
const providerReference = fc.constantFrom(charge('ch_1'), charge('ch_2'), charge('ch_3'));
const refund = fc.constantFrom(refundId('r-1'), refundId('r-2'), refundId('r-3'), refundId('r-4'));
const partialAmount = fc.constantFrom(0, 1, 300, 400, 600, 1_000).map(fen);
const attempt = fc.integer({ min: 1, max: 4 });

const anyRequest = fc.record({
  type: type('RequestPayment'),
  ...common,
  orderNumber: fc.constant(request.orderNumber),
  programId: fc.constant(request.programId),
  buyer: fc.constant(request.buyer),
  amountMinor: fc.constantFrom(fen(1_000), fen(1_000), fen(0), fen(1)),
  currency: fc.constant(cny),
  provider: fc.constant('simulated'),
});
const anyCapture = fc.record({
  type: type('RecordCapture'),
  ...common,
  providerReference,
  amountMinor: fc.constantFrom(fen(1_000), fen(1_000), fen(999)),
  currency,
});
const anyFailure = fc.record({ type: type('RecordFailure'), ...common, code: type('declined') });
const anyRefundRequest = fc
  .record({
    type: type('RequestRefund'),
    ...common,
    refundId: refund,
    amountMinor: partialAmount,
    reason: fc.constantFrom('tickets_returned' as const, 'stray_capture' as const),
  })
  .chain((command) =>
    fc.oneof(
      fc.constant(command),
      providerReference.map((reference) => ({ ...command, providerReference: reference })),
    ),
  );
const anyRefundEnd = fc.oneof(
  fc.record({
    type: type('RecordRefundCompleted'),
    ...common,
    refundId: refund,
    amountMinor: partialAmount,
    currency,
  }),
  fc.record({
    type: type('RecordRefundFailed'),
    ...common,
    refundId: refund,
    attempt,
    code: type('bank_away'),
  }),
  fc.record({ type: type('RetryRefund'), ...common, refundId: refund, attempt }),
);
const anyCommand: fc.Arbitrary<PaymentCommand> = fc.oneof(
  anyCapture,
  anyFailure,
  anyRefundRequest,
  anyRefundRequest,
  anyRefundEnd,
  anyRefundEnd,
  anyRequest,
);
/** Most payments are asked for first; the others must refuse everything. */
const anyCommands = fc
  .tuple(fc.option(anyRequest), fc.array(anyCommand, { maxLength: 60 }))
  .map(([first, rest]) => (first === null ? rest : [first, ...rest]));

const played = (commands: readonly PaymentCommand[]) => play(paymentDecider, paymentEventSpecs, commands);

const sumOf = (
  history: readonly PaymentEvent[],
  name: 'PaymentCaptured' | 'StrayPaymentCaptured' | 'RefundRequested' | 'RefundCompleted',
) => history.reduce((sum, event) => (event.type === name ? sum + event.data.amountMinor : sum), 0);

describe('any callbacks and commands in any order', () => {
  test('keep captured = refunded + refunding + kept, per charge and in sum', () => {
    fc.assert(
      fc.property(anyCommands, (commands) => {
        const { history, state } = played(commands);
        if (state.kind === 'unrequested') {
          expect(history).toEqual([]);
          return;
        }
        const balances = state.captures.map((capture) => balanceOf(state, capture));
        for (const { capturedMinor, refundedMinor, refundingMinor, keptMinor } of balances) {
          expect(refundedMinor + refundingMinor + keptMinor).toBe(capturedMinor);
          expect(Math.min(refundedMinor, refundingMinor, keptMinor)).toBeGreaterThanOrEqual(0);
        }
        const total = (field: keyof (typeof balances)[number]) =>
          balances.reduce((sum, balance) => sum + balance[field], 0);
        expect(total('capturedMinor')).toBe(
          sumOf(history, 'PaymentCaptured') + sumOf(history, 'StrayPaymentCaptured'),
        );
        expect(total('refundedMinor')).toBe(sumOf(history, 'RefundCompleted'));
        expect(total('refundedMinor') + total('refundingMinor')).toBe(sumOf(history, 'RefundRequested'));
      }),
      { numRuns: 1_000 },
    );
  });

  test('count a charge once, pay with one at most, and complete a refund once', () => {
    fc.assert(
      fc.property(anyCommands, (commands) => {
        const { history } = played(commands);
        const charges: string[] = [];
        const completed: string[] = [];
        for (const event of history) {
          if (event.type === 'PaymentCaptured' || event.type === 'StrayPaymentCaptured') {
            charges.push(event.data.providerReference);
          }
          if (event.type === 'RefundCompleted') completed.push(event.data.refundId);
        }
        expect(new Set(charges).size).toBe(charges.length);
        expect(new Set(completed).size).toBe(completed.length);
        expect(history.filter((event) => event.type === 'PaymentCaptured').length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
  });

  test('pay with exactly what was asked for', () => {
    fc.assert(
      fc.property(anyCommands, (commands) => {
        const { state } = played(commands);
        if (state.kind === 'unrequested') return;
        const paid = payingCapture(state);
        const { amountMinor, currency: asked } = state.request;
        if (paid !== undefined) expect(paid).toMatchObject({ amountMinor, currency: asked });
      }),
    );
  });
});

describe('one story, told repeatedly and in any order', () => {
  const common0 = { paymentNumber, nowMs };
  const ask: PaymentCommand = { ...request, type: 'RequestPayment', nowMs };
  const money = { amountMinor: fen(1_000), currency: cny };
  const callbacks: readonly PaymentCommand[] = [
    { ...common0, type: 'RecordCapture', providerReference: charge('ch_1'), ...money },
    { ...common0, type: 'RecordFailure', code: 'declined' },
  ];
  const refundCallbacks: readonly PaymentCommand[] = [
    { ...common0, type: 'RecordRefundCompleted', refundId: refundId('r-1'), ...money },
    { ...common0, type: 'RecordRefundFailed', refundId: refundId('r-1'), attempt: 1, code: 'bank_away' },
  ];
  const refundAll: PaymentCommand = {
    ...common0,
    type: 'RequestRefund',
    refundId: refundId('r-1'),
    amountMinor: fen(1_000),
    reason: 'order_ended',
  };
  /** Each callback at least once, repeated and shuffled. */
  const retold = (told: readonly PaymentCommand[]) =>
    fc
      .array(fc.constantFrom(...told), { maxLength: 6 })
      .chain((extra) => fc.shuffledSubarray([...told, ...extra], { minLength: told.length + extra.length }));

  test('ends with the same money', () => {
    fc.assert(
      fc.property(retold(callbacks), retold(refundCallbacks), (first, second) => {
        const { history, state } = played([ask, ...first, refundAll, ...second, ...first]);
        if (state.kind === 'unrequested') throw new Error('asked for, and not there');
        const [capture, ...others] = state.captures;
        if (capture === undefined) throw new Error('captured, and not there');
        expect(others).toEqual([]);
        expect(balanceOf(state, capture)).toEqual({
          capturedMinor: 1_000,
          refundedMinor: 1_000,
          refundingMinor: 0,
          keptMinor: 0,
        });
        expect(sumOf(history, 'RefundCompleted')).toBe(1_000);
      }),
      { numRuns: 300 },
    );
  });
});
