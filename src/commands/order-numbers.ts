/** The process's order numbers: the pure generator with its state kept, under the lease this process was granted. */

import type { OrderNumber, PaymentNumber, UserId } from '../domain/shared/ids.ts';
import {
  type Numbered,
  type NumberLease,
  nextOrderNumber,
  nextPaymentNumber,
  startGenerator,
} from '../domain/shared/order-number.ts';

export type OrderNumbers = {
  /** Throws NoNumberError. */
  readonly order: (buyer: UserId, nowMs: number) => OrderNumber;
  /** Throws NoNumberError. */
  readonly payment: (buyer: UserId, nowMs: number) => PaymentNumber;
};

/** There is no number to give: the lease has ended, or the clock was set back too far. */
export class NoNumberError extends Error {
  override readonly name = 'NoNumberError';
}

export const createOrderNumbers = (lease: NumberLease): OrderNumbers => {
  let generator = startGenerator(lease);
  const take =
    <Number>(next: (from: typeof generator, buyer: UserId, nowMs: number) => Numbered<Number>) =>
    (buyer: UserId, nowMs: number): Number => {
      const numbered = next(generator, buyer, nowMs);
      if (numbered.kind === 'refused') throw new NoNumberError(`No number to give: ${numbered.code}.`);
      generator = numbered.generator;
      return numbered.number;
    };
  return { order: take(nextOrderNumber), payment: take(nextPaymentNumber) };
};
