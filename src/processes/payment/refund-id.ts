/**
 * The id of a refund follows from the payment and the cause: however often, and by whichever event, a cause
 * is told, its money goes back once. The payment number is part of it because the provider must tell all
 * refunds apart.
 */
import { hash } from 'node:crypto';
import type { ProviderReference } from '../../domain/payment/index.ts';
import type { PaymentNumber, RefundId } from '../../domain/shared/ids.ts';

const REFERENCE_HEX_DIGITS = 20;

/** The order had ended, or was paid otherwise: everything goes back. */
export const refundIdOfEnded = (payment: PaymentNumber): RefundId => `${payment}-ended` as RefundId;

/** A charge that paid nothing. */
export const refundIdOfStray = (payment: PaymentNumber, charge: ProviderReference): RefundId =>
  `${payment}-stray-${hash('sha256', charge, 'hex').slice(0, REFERENCE_HEX_DIGITS)}` as RefundId;

/** A ticket is given back once, so the first of those given back together names them all. */
export const refundIdOfTickets = (payment: PaymentNumber, tickets: readonly number[]): RefundId =>
  `${payment}-ticket-${Math.min(...tickets)}` as RefundId;
