/**
 * What is asked about money: by buyers about their orders, by operators about programs and refunds that hang. Each is
 * one statement, so that it sees one build of the tables.
 */
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { OrderNumber, PaymentNumber, ProgramId, RefundId, UserId } from '../../domain/shared/ids.ts';
import type { Currency } from '../../domain/shared/money.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import { boundedLimit } from '../cursor.ts';
import type { Db } from '../database.ts';
import {
  type PaymentRow,
  paymentColumns,
  type RefundRow,
  refundColumns,
  type StrayChargeRow,
  shownStrayColumns,
} from './table.ts';

/** A charge that pays nothing: what of it has not gone back yet is still owed to the buyer. */
export type StrayCharge = {
  readonly cause: StrayChargeRow['cause'];
  readonly capturedMinor: number;
  readonly currency: Currency;
  readonly refundedMinor: number;
  readonly refundingMinor: number;
  readonly capturedAtMs: number;
};

export type Payment = {
  readonly paymentNumber: PaymentNumber;
  readonly orderNumber: OrderNumber;
  readonly programId: ProgramId;
  readonly buyer: UserId;
  readonly provider: string;
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly status: PaymentRow['status'];
  /** Of the charge that pays, like what goes back of it; in the payment's currency. */
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly refundingMinor: number;
  /** The last one, also when the payment was captured afterwards. */
  readonly failureCode: string | null;
  readonly requestedAtMs: number;
  readonly capturedAtMs: number | null;
  readonly failedAtMs: number | null;
  readonly refundedAtMs: number | null;
  readonly strays: readonly StrayCharge[];
};

/** Oldest first; none when the order is another buyer's. */
export const paymentsOfOrder = async (
  db: Db,
  orderNumber: OrderNumber,
  buyer: UserId,
): Promise<readonly Payment[]> => {
  const rows = await paymentsOf(db, orderNumber, buyer).orderBy('payment.payment_number').execute();
  return rows.map(paymentOf);
};

/**
 * The newest payment of the order that was asked for, and neither captured nor failed: the buyer may go on with
 * it. Undefined also when the order is another buyer's.
 */
export const openPaymentOfOrder = async (
  db: Db,
  orderNumber: OrderNumber,
  buyer: UserId,
): Promise<Payment | undefined> => {
  const row = await paymentsOf(db, orderNumber, buyer)
    .where('status', '=', 'requested')
    .orderBy('payment.payment_number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && paymentOf(row);
};

const paymentsOf = (db: Db, orderNumber: OrderNumber, buyer: UserId) =>
  db
    .selectFrom('payment')
    .select(paymentColumns)
    .select((payment) =>
      jsonArrayFrom(
        payment
          .selectFrom('stray_charge')
          .select(shownStrayColumns)
          // A constant, so that planning finds the partition.
          .where('stray_charge.gene', '=', geneOfOrder(orderNumber))
          .whereRef('stray_charge.payment_number', '=', 'payment.payment_number')
          .orderBy('stray_charge.captured_at_ms')
          .orderBy('stray_charge.provider_reference'),
      ).as('strays'),
    )
    .where('gene', '=', geneOfOrder(orderNumber))
    .where('order_number', '=', orderNumber)
    .where('buyer', '=', buyer);

type ShownStray = Omit<StrayChargeRow, 'gene' | 'payment_number' | 'provider_reference' | 'program_id'>;

const paymentOf = ({
  strays,
  ...head
}: PaymentRow & { readonly strays: readonly ShownStray[] }): Payment => ({
  paymentNumber: head.payment_number,
  orderNumber: head.order_number,
  programId: head.program_id,
  buyer: head.buyer,
  provider: head.provider,
  amountMinor: head.amount_minor,
  currency: head.currency,
  status: head.status,
  capturedMinor: head.captured_minor,
  refundedMinor: head.refunded_minor,
  refundingMinor: head.refunding_minor,
  failureCode: head.failure_code,
  requestedAtMs: head.requested_at_ms,
  capturedAtMs: head.captured_at_ms,
  failedAtMs: head.failed_at_ms,
  refundedAtMs: head.refunded_at_ms,
  strays: strays.map(strayOf),
});

const strayOf = (row: ShownStray): StrayCharge => ({
  cause: row.cause,
  capturedMinor: row.amount_minor,
  currency: row.currency,
  refundedMinor: row.refunded_minor,
  refundingMinor: row.refunding_minor,
  capturedAtMs: row.captured_at_ms,
});

/** A refund that failed: the money is still owed, until it is retried or settled by a person. */
export type StuckRefund = {
  readonly refundId: RefundId;
  readonly paymentNumber: PaymentNumber;
  readonly orderNumber: OrderNumber;
  readonly programId: ProgramId;
  readonly amountMinor: number;
  readonly currency: Currency;
  readonly reason: RefundRow['reason'];
  readonly attempt: number;
  readonly failureCode: string | null;
  readonly requestedAtMs: number;
  readonly failedAtMs: number;
};

/** Those that failed longest ago, at most `MAX_PAGE_SIZE`. */
export const refundsStuck = async (db: Db, limit: number): Promise<readonly StuckRefund[]> => {
  const rows = await db
    .selectFrom('refund')
    .select(refundColumns)
    .where('status', '=', 'failed')
    .orderBy('refund.changed_at_ms')
    .orderBy('refund.payment_number')
    .orderBy('refund.refund_id')
    .limit(boundedLimit(limit))
    .execute();
  return rows.map((row) => ({
    refundId: row.refund_id,
    paymentNumber: row.payment_number,
    orderNumber: row.order_number,
    programId: row.program_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
    reason: row.reason,
    attempt: row.attempt,
    failureCode: row.failure_code,
    requestedAtMs: row.requested_at_ms,
    failedAtMs: row.changed_at_ms,
  }));
};

export type ProgramMoney = {
  readonly currency: Currency;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  readonly refundingMinor: number;
  readonly strayCapturedMinor: number;
  readonly strayRefundedMinor: number;
  readonly strayRefundingMinor: number;
};

/** Sums over all payments of a program, a row for each currency that anything was charged in. */
export const moneyOf = async (db: Db, programId: ProgramId): Promise<readonly ProgramMoney[]> => {
  const { rows } = await sql<ProgramMoney>`
    select currency,
      sum(captured)::float8 as "capturedMinor", sum(refunded)::float8 as "refundedMinor",
      sum(refunding)::float8 as "refundingMinor", sum(stray_captured)::float8 as "strayCapturedMinor",
      sum(stray_refunded)::float8 as "strayRefundedMinor", sum(stray_refunding)::float8 as "strayRefundingMinor"
    from (
      select currency, captured_minor, refunded_minor, refunding_minor, 0, 0, 0
      from payment where program_id = ${programId} and captured_at_ms is not null
      union all
      select currency, 0, 0, 0, amount_minor, refunded_minor, refunding_minor
      from stray_charge where program_id = ${programId}
    ) as charge (currency, captured, refunded, refunding, stray_captured, stray_refunded, stray_refunding)
    group by currency order by currency
  `.execute(db);
  return rows;
};
