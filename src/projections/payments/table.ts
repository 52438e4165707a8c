/** Payments, refunds and stray charges, as `migrations/0009_payments.sql` has them. */
import type {
  PaymentStatus,
  ProviderReference,
  Refund,
  RefundReason,
  StrayCause,
} from '../../domain/payment/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId, RefundId, UserId } from '../../domain/shared/ids.ts';
import type { Currency } from '../../domain/shared/money.ts';
import type { BulkTable } from '../bulk-table.ts';
import { type Columns, wide, wideOrNull } from '../columns.ts';

export type PaymentRow = {
  /** Of the order. */
  gene: number;
  payment_number: PaymentNumber;
  order_number: OrderNumber;
  program_id: ProgramId;
  buyer: UserId;
  provider: string;
  amount_minor: number;
  currency: Currency;
  status: Exclude<PaymentStatus, 'unrequested'>;
  provider_reference: ProviderReference | null;
  captured_minor: number;
  refunded_minor: number;
  refunding_minor: number;
  failure_code: string | null;
  requested_at_ms: number;
  captured_at_ms: number | null;
  failed_at_ms: number | null;
  refunded_at_ms: number | null;
};

export type StrayChargeRow = {
  gene: number;
  payment_number: PaymentNumber;
  provider_reference: ProviderReference;
  program_id: ProgramId;
  cause: StrayCause;
  amount_minor: number;
  currency: Currency;
  refunded_minor: number;
  refunding_minor: number;
  captured_at_ms: number;
};

export type RefundRow = {
  gene: number;
  payment_number: PaymentNumber;
  refund_id: RefundId;
  order_number: OrderNumber;
  program_id: ProgramId;
  provider_reference: ProviderReference;
  amount_minor: number;
  currency: Currency;
  reason: RefundReason;
  status: Refund['status'];
  attempt: number;
  failure_code: string | null;
  requested_at_ms: number;
  changed_at_ms: number;
};

export type PaymentsTables = {
  payment: Columns<
    PaymentRow,
    | 'amount_minor'
    | 'captured_minor'
    | 'refunded_minor'
    | 'refunding_minor'
    | 'requested_at_ms'
    | 'captured_at_ms'
    | 'failed_at_ms'
    | 'refunded_at_ms'
  >;
  stray_charge: Columns<
    StrayChargeRow,
    'amount_minor' | 'refunded_minor' | 'refunding_minor' | 'captured_at_ms'
  >;
  refund: Columns<RefundRow, 'amount_minor' | 'requested_at_ms' | 'changed_at_ms'>;
};

const PAYMENT_KEY = ['gene', 'payment_number'] as const;

export const paymentTable: BulkTable<PaymentRow> = {
  name: 'payment',
  key: PAYMENT_KEY,
  columns: {
    gene: 'smallint',
    payment_number: 'bigint',
    order_number: 'bigint',
    program_id: 'text',
    buyer: 'text',
    provider: 'text',
    amount_minor: 'bigint',
    currency: 'text',
    status: 'text',
    provider_reference: 'text',
    captured_minor: 'bigint',
    refunded_minor: 'bigint',
    refunding_minor: 'bigint',
    failure_code: 'text',
    requested_at_ms: 'bigint',
    captured_at_ms: 'bigint',
    failed_at_ms: 'bigint',
    refunded_at_ms: 'bigint',
  },
};

export const strayChargeTable: BulkTable<StrayChargeRow> = {
  name: 'stray_charge',
  key: [...PAYMENT_KEY, 'provider_reference'],
  columns: {
    gene: 'smallint',
    payment_number: 'bigint',
    provider_reference: 'text',
    program_id: 'text',
    cause: 'text',
    amount_minor: 'bigint',
    currency: 'text',
    refunded_minor: 'bigint',
    refunding_minor: 'bigint',
    captured_at_ms: 'bigint',
  },
};

export const refundTable: BulkTable<RefundRow> = {
  name: 'refund',
  key: [...PAYMENT_KEY, 'refund_id'],
  columns: {
    gene: 'smallint',
    payment_number: 'bigint',
    refund_id: 'text',
    order_number: 'bigint',
    program_id: 'text',
    provider_reference: 'text',
    amount_minor: 'bigint',
    currency: 'text',
    reason: 'text',
    status: 'text',
    attempt: 'smallint',
    failure_code: 'text',
    requested_at_ms: 'bigint',
    changed_at_ms: 'bigint',
  },
};

export const paymentColumns = [
  'gene',
  'payment_number',
  'order_number',
  'program_id',
  'buyer',
  'provider',
  wide('amount_minor'),
  'currency',
  'status',
  'provider_reference',
  wide('captured_minor'),
  wide('refunded_minor'),
  wide('refunding_minor'),
  'failure_code',
  wide('requested_at_ms'),
  wideOrNull('captured_at_ms'),
  wideOrNull('failed_at_ms'),
  wideOrNull('refunded_at_ms'),
] as const;

/** Without those that name it. */
export const shownStrayColumns = [
  'cause',
  wide('amount_minor'),
  'currency',
  wide('refunded_minor'),
  wide('refunding_minor'),
  wide('captured_at_ms'),
] as const;

export const strayChargeColumns = [
  'gene',
  'payment_number',
  'provider_reference',
  'program_id',
  ...shownStrayColumns,
] as const;

export const refundColumns = [
  'gene',
  'payment_number',
  'refund_id',
  'order_number',
  'program_id',
  'provider_reference',
  wide('amount_minor'),
  'currency',
  'reason',
  'status',
  'attempt',
  'failure_code',
  wide('requested_at_ms'),
  wide('changed_at_ms'),
] as const;
