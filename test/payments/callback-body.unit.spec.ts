import { describe, expect, it } from 'vitest';
import { callbackBodyOf, readCallbackBody } from '../../src/payments/callback-body.ts';
import type { ProviderNotice } from '../../src/payments/provider.ts';
import { charge, cny, fen, paymentNumber, refundId } from '../domain/payment/fixtures.ts';

const money = { amountMinor: fen(1_000), currency: cny };
const notices: ProviderNotice[] = [
  { kind: 'captured', paymentNumber, providerReference: charge('ch_1'), ...money },
  { kind: 'failed', paymentNumber, code: 'declined' },
  { kind: 'refund_completed', paymentNumber, refundId: refundId('r-1'), ...money },
  { kind: 'refund_failed', paymentNumber, refundId: refundId('r-1'), attempt: 2, code: 'bank_away' },
];

describe('The body of a callback', () => {
  it.each(notices)('is read as it was written: $kind', (notice) => {
    expect(readCallbackBody(Buffer.from(callbackBodyOf(notice)))).toEqual(notice);
  });

  it.each([
    '',
    'no JSON',
    '{}',
    '[]',
    '{"kind":"captured"}',
    '{"kind":"failed","paymentNumber":"1","code":"a sentence"}',
    '{"kind":"failed","paymentNumber":"-1","code":"declined"}',
    '{"kind":"captured","paymentNumber":"1","providerReference":"x","amountMinor":1.5,"currency":"CNY"}',
  ])('is nothing when it is %j', (text) => {
    expect(readCallbackBody(Buffer.from(text))).toBeUndefined();
  });

  it('may have fields of a later release', () => {
    const [notice] = notices;
    const later = JSON.stringify({ ...notice, method: 'card' });
    expect(readCallbackBody(Buffer.from(later))).toEqual(notice);
  });
});
