/** The tables of `migrations/0008_refunds_and_simulated_provider.sql`. */
import type { Generated } from 'kysely';
import type { ProviderReference } from '../domain/payment/index.ts';
import type { OrderNumber, PaymentNumber, RefundId } from '../domain/shared/ids.ts';
import type { AmountMinor, Currency } from '../domain/shared/money.ts';
import type { Columns } from '../projections/columns.ts';

type RefundRetryRow = {
  refund_id: RefundId;
  attempt: number;
  payment_number: PaymentNumber;
  correlation_id: string;
  due_ms: number;
};

export type ChargeStatus = 'open' | 'paid' | 'declined';

export type ChargeRow = {
  charge_id: string;
  payment_number: PaymentNumber;
  order_number: OrderNumber;
  amount_minor: AmountMinor;
  currency: Currency;
  deadline_ms: number;
  status: ChargeStatus;
};

type CaptureRow = { reference: ProviderReference; charge_id: string; amount_minor: AmountMinor };

type SimulatedRefundRow = {
  refund_id: RefundId;
  reference: ProviderReference;
  amount_minor: AmountMinor;
  attempt: number;
  status: 'completed' | 'failed';
};

type CallbackRow = { body: string; due_ms: number; tries: number };

export type PaymentTables = {
  refund_retry: Columns<RefundRetryRow, 'due_ms'>;
  simulated_charge: Columns<ChargeRow, 'amount_minor' | 'deadline_ms'>;
  simulated_capture: Columns<CaptureRow, 'amount_minor'>;
  simulated_refund: Columns<SimulatedRefundRow, 'amount_minor'>;
  simulated_callback: Columns<CallbackRow, 'due_ms'> & { callback_id: Generated<string> };
};
