/** Payments as providers, buyers and operators bring them about: many at once, in any order, with every mishap. */
import fc from 'fast-check';
import {
  type PaymentCommand,
  type PaymentState,
  paymentDecider,
  paymentStream,
} from '../../src/domain/payment/index.ts';
import { charge, cny, fen, refundId, usd } from '../domain/payment/fixtures.ts';
import { idOf, terms } from '../domain/sale/fixtures.ts';
import type { InStream } from './flash-sale.ts';

const AMOUNT_MINOR = 1_000;
const PAYMENTS = 6;
const ORDERS = 3;
const PROGRAMS = [terms().programId, terms({ programId: 'nutcracker' }).programId] as const;

const step = fc.record({
  payment: fc.nat(PAYMENTS - 1),
  what: fc.constantFrom(
    ...(['request', 'request', 'capture', 'capture', 'fail', 'refund', 'refund'] as const),
    ...(['complete', 'complete', 'miss', 'retry'] as const),
  ),
  which: fc.nat(3),
  part: fc.constantFrom(1, 300, 400, AMOUNT_MINOR, AMOUNT_MINOR),
  isOdd: fc.boolean(),
  attempt: fc.integer({ min: 1, max: 3 }),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

export const paymentSteps = fc.array(step, { minLength: 60, maxLength: 250, size: 'max' });

export type PaymentStory = {
  readonly events: readonly InStream[];
  /** By payment number. */
  readonly states: ReadonlyMap<string, PaymentState>;
};

/** What the aggregate made of it; what it refused left nothing. */
export function playPayments(steps: readonly Step[]): PaymentStory {
  const events: InStream[] = [];
  const states = new Map<string, PaymentState>();
  for (const [index, one] of steps.entries()) {
    const command = commandOf(one, index);
    const before = states.get(command.paymentNumber) ?? paymentDecider.initial();
    const decided = paymentDecider.decide(command, before);
    states.set(command.paymentNumber, decided.events.reduce(paymentDecider.evolve, before));
    const stream = paymentStream(command.paymentNumber);
    events.push(...decided.events.map((event) => ({ stream, event })));
  }
  return { events, states };
}

/** Payments 1 to 6; payment n is of order 100 + n modulo 3, and odd orders are of another program. */
function commandOf({ payment, what, which, part, isOdd, attempt }: Step, nowMs: number): PaymentCommand {
  const order = payment % ORDERS;
  const common = { paymentNumber: idOf.payment(payment + 1), nowMs };
  const refund = refundId(`r-${which}`);
  switch (what) {
    case 'request':
      return {
        ...common,
        type: 'RequestPayment',
        orderNumber: idOf.order(100 + order),
        programId: PROGRAMS[order % 2 === 0 ? 0 : 1],
        buyer: idOf.user(`buyer-${order}`),
        amountMinor: fen(AMOUNT_MINOR),
        currency: cny,
        provider: 'simulated',
      };
    case 'capture': {
      const providerReference = charge(`ch_${which}`);
      const money = { amountMinor: fen(isOdd ? part : AMOUNT_MINOR), currency: which === 3 ? usd : cny };
      return { ...common, type: 'RecordCapture', providerReference, ...money };
    }
    case 'fail':
      return { ...common, type: 'RecordFailure', code: `declined_${which}` };
    case 'refund': {
      const asked = { refundId: refund, amountMinor: fen(part), reason: 'operator' } as const;
      const of = isOdd ? { providerReference: charge(`ch_${attempt}`) } : {};
      return { ...common, type: 'RequestRefund', ...asked, ...of };
    }
    case 'complete': {
      const money = { amountMinor: fen(part), currency: cny };
      return { ...common, type: 'RecordRefundCompleted', refundId: refund, ...money };
    }
    case 'miss':
      return { ...common, type: 'RecordRefundFailed', refundId: refund, attempt, code: `bank_${which}` };
    case 'retry':
      return { ...common, type: 'RetryRefund', refundId: refund, attempt };
  }
}
