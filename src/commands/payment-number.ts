/**
 * The number of the n-th payment of an order follows from the order's number, so that two requests to pay one
 * order find the same payment, on any node and after any crash, without an index that could be lost.
 */
import { hash } from 'node:crypto';
import type { OrderNumber, PaymentNumber } from '../domain/shared/ids.ts';
import { GENES, geneOfOrder } from '../domain/shared/order-number.ts';

const NAMESPACE = 'seatlog/payment-number/1';
const HASH_HEX_DIGITS = 16;
const HASHED_BITS = (1n << 62n) - 1n;
/** Order numbers have this bit only from 2059 on: until then no payment number is also an order's. */
const TOP_BIT = 1n << 62n;

/**
 * `attempt` counts from 1. The last eight bits are the order's gene, the others a hash: should two orders
 * ever meet in one number, the payment's own stream refuses the second, which then takes its next number.
 */
export const paymentNumberOf = (orderNumber: OrderNumber, attempt: number): PaymentNumber => {
  const hex = hash('sha256', `${NAMESPACE}/${orderNumber}/${attempt}`, 'hex').slice(0, HASH_HEX_DIGITS);
  const spread = BigInt(`0x${hex}`) & HASHED_BITS;
  const gene = BigInt(geneOfOrder(orderNumber));
  return (TOP_BIT | (spread - (spread % BigInt(GENES)) + gene)).toString() as PaymentNumber;
};
