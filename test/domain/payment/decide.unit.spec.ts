import { describe, expect, test } from 'vitest';
import {
  type PaymentOutcome,
  paymentDecider,
  paymentOfStream,
  paymentStatusOf,
  paymentStream,
} from '../../../src/domain/payment/index.ts';
import { specificationOf, stateAfter } from '../../support/given.ts';
import {
  captured,
  charge,
  cny,
  failed,
  fen,
  nowMs,
  paymentNumber,
  refundCompleted,
  refundFailed,
  refundId,
  refundRequested,
  refundRetried,
  request,
  requested,
  strayCaptured,
  subject,
  usd,
} from './fixtures.ts';

const given = specificationOf(paymentDecider);
const refused = (code: Extract<PaymentOutcome, { kind: 'refused' }>['code']): PaymentOutcome => ({
  kind: 'refused',
  code,
});

const common = { paymentNumber, nowMs };
const ask = { ...request, type: 'RequestPayment', nowMs } as const;
const take = {
  ...common,
  type: 'RecordCapture',
  providerReference: charge('ch_1'),
  amountMinor: fen(1_000),
  currency: cny,
} as const;
const fail = { ...common, type: 'RecordFailure', code: 'declined' } as const;
const refund = {
  ...common,
  type: 'RequestRefund',
  refundId: refundId('r-1'),
  amountMinor: fen(400),
  reason: 'tickets_returned',
} as const;
const complete = {
  ...common,
  type: 'RecordRefundCompleted',
  refundId: refundId('r-1'),
  amountMinor: fen(400),
  currency: cny,
} as const;
const failRefund = {
  ...common,
  type: 'RecordRefundFailed',
  refundId: refundId('r-1'),
  attempt: 1,
  code: 'bank_away',
} as const;
const retry = { ...common, type: 'RetryRefund', refundId: refundId('r-1'), attempt: 2 } as const;

describe('asking for a payment', () => {
  test('is recorded once', () => {
    given().when(ask).then({ kind: 'requested' }, [requested]);
    given(requested)
      .when({ ...ask, nowMs: nowMs + 1 })
      .then({ kind: 'requested' });
  });

  test('under the number of another payment is refused', () => {
    given(requested)
      .when({ ...ask, amountMinor: fen(999) })
      .then(refused('payment_number_taken'));
  });

  test('for nothing is refused', () => {
    given()
      .when({ ...ask, amountMinor: fen(0) })
      .then(refused('amount_is_zero'));
  });

  test.each([take, fail, refund, retry, complete, failRefund])('$type needs it', (command) => {
    given().when(command).then(refused('payment_not_found'));
  });
});

describe('a capture', () => {
  test('of the amount asked for pays', () => {
    given(requested).when(take).then({ kind: 'captured' }, [captured]);
  });

  test('that is told again has no second effect', () => {
    given(requested, captured).when(take).then({ kind: 'captured' });
  });

  test('after a failure pays all the same', () => {
    given(requested, failed).when(take).then({ kind: 'captured' }, [captured]);
  });

  test.each([
    ['wrong_amount', { amountMinor: fen(999) }],
    ['wrong_currency', { currency: usd }],
  ] as const)('with a %s is a stray', (cause, difference) => {
    const { type: _, nowMs: capturedAtMs, ...taken } = { ...take, ...difference };
    given(requested)
      .when({ ...take, ...difference })
      .then({ kind: 'stray', cause }, [
        { type: 'StrayPaymentCaptured', data: { ...subject, ...taken, cause, capturedAtMs } },
      ]);
  });

  test('by another charge, after the first, is a stray, once', () => {
    const second = { ...take, providerReference: charge('ch_2') };
    given(requested, captured)
      .when(second)
      .then({ kind: 'stray', cause: 'already_captured' }, [strayCaptured]);
    given(requested, captured, strayCaptured).when(second).then({ kind: 'stray', cause: 'already_captured' });
  });

  test('that changes its mind about the amount is refused', () => {
    given(requested, captured)
      .when({ ...take, amountMinor: fen(1) })
      .then(refused('capture_differs'));
  });

  test('by ever more charges is refused in the end', () => {
    const strays = Array.from({ length: 19 }, (_, index) => ({
      ...strayCaptured,
      data: { ...strayCaptured.data, providerReference: charge(`ch_${index + 2}`) },
    })) as (typeof strayCaptured)[];
    given(requested, captured, ...strays)
      .when({ ...take, providerReference: charge('ch_99') })
      .then(refused('too_many_captures'));
  });
});

describe('a failure', () => {
  test.each(['', 'Card of Ann Lee was declined', 'x'.repeat(65)])(
    'for a reason that is no code (%s) is recorded',
    (code) => {
      for (const [command, history] of [
        [fail, [requested]],
        [failRefund, [requested, captured, refundRequested('r-1', 400)]],
      ] as const) {
        const { events } = paymentDecider.decide({ ...command, code }, stateAfter(paymentDecider, history));
        expect(events).toMatchObject([{ data: { code: 'other' } }]);
      }
    },
  );

  test('is recorded once', () => {
    given(requested).when(fail).then({ kind: 'failed' }, [failed]);
    given(requested, failed)
      .when({ ...fail, code: 'expired' })
      .then({ kind: 'failed' });
  });

  test('that comes after the capture is overtaken', () => {
    given(requested, captured).when(fail).then({ kind: 'ignored', cause: 'captured' });
  });
});

describe('asking for a refund', () => {
  test('sets the amount aside, once', () => {
    given(requested, captured)
      .when(refund)
      .then({ kind: 'refund_requested' }, [refundRequested('r-1', 400)]);
    given(requested, captured, refundRequested('r-1', 400)).when(refund).then({ kind: 'refund_requested' });
  });

  test('needs a capture', () => {
    given(requested).when(refund).then(refused('nothing_captured'));
    given(requested, failed).when(refund).then(refused('nothing_captured'));
    given(requested, captured)
      .when({ ...refund, providerReference: charge('ch_9') })
      .then(refused('capture_not_found'));
  });

  test('for more than is left is refused, and says what is left', () => {
    given(requested, captured, refundRequested('r-0', 700))
      .when(refund)
      .then({ kind: 'refused', code: 'refund_exceeds_capture', refundableMinor: 300 });
    given(requested, captured, refundRequested('r-0', 700), refundCompleted('r-0', 700))
      .when(refund)
      .then({ kind: 'refused', code: 'refund_exceeds_capture', refundableMinor: 300 });
  });

  test('counts a failed refund as owed', () => {
    given(requested, captured, refundRequested('r-0', 700), refundFailed('r-0', 1))
      .when(refund)
      .then({ kind: 'refused', code: 'refund_exceeds_capture', refundableMinor: 300 });
  });

  test('under the id of another refund, or of nothing, is refused', () => {
    given(requested, captured, refundRequested('r-1', 300)).when(refund).then(refused('refund_id_reused'));
    given(requested, captured)
      .when({ ...refund, amountMinor: fen(0) })
      .then(refused('amount_is_zero'));
  });

  test('of a stray leaves the paying charge alone', () => {
    const command = {
      ...refund,
      refundId: refundId('r-2'),
      amountMinor: fen(1_000),
      providerReference: charge('ch_2'),
      reason: 'stray_capture',
    } as const;
    const history = [requested, captured, strayCaptured];
    const { outcome, events } = given(...history).when(command).decision;
    expect(outcome).toEqual({ kind: 'refund_requested' });
    expect(paymentStatusOf(stateAfter(paymentDecider, [...history, ...events]))).toBe('captured');
    given(...history, ...events)
      .when(refund)
      .then({ kind: 'refund_requested' }, [refundRequested('r-1', 400)]);
  });
});

describe('the end of a refund', () => {
  const asked = [requested, captured, refundRequested('r-1', 400)];

  test('is recorded once', () => {
    given(...asked)
      .when(complete)
      .then({ kind: 'refund_completed' }, [refundCompleted('r-1', 400)]);
    given(...asked, refundCompleted('r-1', 400))
      .when(complete)
      .then({ kind: 'refund_completed' });
  });

  test('that nobody asked for, or with another amount, is refused and waits for a person', () => {
    given(requested, captured).when(complete).then(refused('refund_not_found'));
    given(...asked)
      .when({ ...complete, amountMinor: fen(399) })
      .then(refused('refund_differs'));
    given(...asked)
      .when({ ...complete, currency: usd })
      .then(refused('refund_differs'));
  });

  test('in failure is recorded once, and not after its completion', () => {
    given(...asked)
      .when(failRefund)
      .then({ kind: 'refund_failed' }, [refundFailed('r-1', 1)]);
    given(...asked, refundFailed('r-1', 1))
      .when(failRefund)
      .then({ kind: 'refund_failed' });
    given(...asked, refundCompleted('r-1', 400))
      .when(failRefund)
      .then({ kind: 'ignored', cause: 'completed' });
  });

  test('may be a completion after its failure', () => {
    given(...asked, refundFailed('r-1', 1))
      .when(complete)
      .then({ kind: 'refund_completed' }, [refundCompleted('r-1', 400)]);
  });

  test('is tried again after a failure, each attempt once', () => {
    given(...asked, refundFailed('r-1', 1))
      .when(retry)
      .then({ kind: 'refund_requested' }, [refundRetried('r-1', 2)]);
    given(...asked, refundFailed('r-1', 1), refundRetried('r-1', 2))
      .when(retry)
      .then({ kind: 'refund_requested' });
    given(...asked)
      .when(retry)
      .then(refused('refund_attempt_unexpected'));
    given(...asked, refundCompleted('r-1', 400))
      .when(retry)
      .then({ kind: 'ignored', cause: 'completed' });
  });

  test('in failure of an earlier attempt does not fail the later one', () => {
    given(...asked, refundFailed('r-1', 1), refundRetried('r-1', 2))
      .when(failRefund)
      .then({ kind: 'ignored', cause: 'earlier_attempt' });
    given(...asked)
      .when({ ...failRefund, attempt: 2 })
      .then(refused('refund_attempt_unexpected'));
  });
});

describe('the status of a payment', () => {
  const asked = refundRequested('r-1', 400);
  test.each([
    ['unrequested', []],
    ['requested', [requested]],
    ['failed', [requested, failed]],
    ['captured', [requested, failed, captured]],
    ['captured', [requested, captured, asked]],
    ['partly_refunded', [requested, captured, asked, refundCompleted('r-1', 400)]],
    ['refunded', [requested, captured, refundRequested('r-1', 1_000), refundCompleted('r-1', 1_000)]],
  ])('is %s', (status, history) => {
    expect(paymentStatusOf(stateAfter(paymentDecider, history))).toBe(status);
  });
});

describe('the stream of a payment', () => {
  test('is named after it, and says so', () => {
    expect(paymentOfStream(paymentStream(paymentNumber))).toBe(paymentNumber);
    expect(paymentOfStream('Payment-p-1')).toBeUndefined();
    expect(paymentOfStream('Sale-1')).toBeUndefined();
  });
});
