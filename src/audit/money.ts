/** Where the money of an order is: captured = issued + refunded + awaiting, in each currency. */
import { payingCapture } from '../domain/payment/index.ts';
import { liveTickets, type OrderState } from './order-state.ts';

export type Money = {
  readonly currency: string;
  readonly capturedMinor: number;
  /** Tickets stand for it. */
  readonly issuedMinor: number;
  /** Refunds that have completed. */
  readonly refundedMinor: number;
  /** Awaits tickets, or its way back. */
  readonly awaitingMinor: number;
};

type Sums = { captured: number; issued: number; refunded: number };
export type MoneySums = Map<string, Sums>;

/** By currency, in the order they first appear; none where nothing was captured. */
export const moneyOf = (state: OrderState): readonly Money[] => {
  const sums: MoneySums = new Map();
  addMoney(sums, state);
  return moneyIn(sums);
};

export const moneyIn = (sums: MoneySums): readonly Money[] =>
  [...sums].map(([currency, { captured, issued, refunded }]) => ({
    currency,
    capturedMinor: captured,
    issuedMinor: issued,
    refundedMinor: refunded,
    awaitingMinor: captured - issued - refunded,
  }));

/** Adds what one order has to the sums of many. */
export const addMoney = (sums: MoneySums, state: OrderState): void => {
  for (const [number, payment] of state.payments) {
    if (payment.kind === 'unrequested') continue;
    for (const { currency, amountMinor } of payment.captures) sumsIn(sums, currency).captured += amountMinor;
    for (const { currency, amountMinor, status } of payment.refunds) {
      if (status === 'completed') sumsIn(sums, currency).refunded += amountMinor;
    }
    const paying = payingCapture(payment);
    if (number === state.paidBy && paying !== undefined)
      sumsIn(sums, paying.currency).issued += issuedOf(state);
  }
};

const sumsIn = (sums: MoneySums, currency: string): Sums => {
  const known = sums.get(currency) ?? { captured: 0, issued: 0, refunded: 0 };
  sums.set(currency, known);
  return known;
};

const issuedOf = (state: OrderState): number =>
  state.status === 'issued' ? liveTickets(state).reduce((sum, { priceMinor }) => sum + priceMinor, 0) : 0;
