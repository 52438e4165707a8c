import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paymentNumberOf } from '../../src/commands/payment-number.ts';
import { orderNumberSchema, paymentNumberSchema } from '../../src/domain/shared/ids.ts';
import { geneOfOrder } from '../../src/domain/shared/order-number.ts';
import { holds } from '../support/properties.ts';

const orderNumber = fc
  .bigInt({ min: 1n, max: 2n ** 62n - 1n })
  .map((n) => orderNumberSchema.parse(String(n)));
const attempt = fc.integer({ min: 1, max: 20 });

describe('The number of a payment', () => {
  it('is for ever the same for one attempt of one order', () => {
    expect(paymentNumberOf(orderNumberSchema.parse('300500700156'), 1)).toBe('6365337318098173180');
  });

  it('is one with the gene of its order, and no order number of this half of the century', () => {
    holds(
      fc.property(orderNumber, attempt, (order, nth) => {
        const number = paymentNumberOf(order, nth);
        expect(paymentNumberSchema.parse(number)).toBe(number);
        expect(geneOfOrder(number)).toBe(geneOfOrder(order));
        expect(BigInt(number) >= 2n ** 62n).toBe(true);
      }),
    );
  });

  it('differs from attempt to attempt and from order to order', () => {
    holds(
      fc.property(orderNumber, orderNumber, attempt, attempt, (order, other, nth, next) => {
        fc.pre(order !== other || nth !== next);
        expect(paymentNumberOf(order, nth)).not.toBe(paymentNumberOf(other, next));
      }),
    );
  });
});
