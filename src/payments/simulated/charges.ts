/**
 * The simulated provider's own side: its charges, what it took and gave back, and the callbacks it owes for
 * that.
 */
import { randomUUID } from 'node:crypto';
import type { ProviderReference } from '../../domain/payment/index.ts';
import type { OrderNumber, PaymentNumber } from '../../domain/shared/ids.ts';
import type { AmountMinor, Currency } from '../../domain/shared/money.ts';
import { wide } from '../../projections/columns.ts';
import type { Db } from '../../projections/database.ts';
import { callbackBodyOf } from '../callback-body.ts';
import type { ChargeRequest, ProviderNotice, RefundRequest } from '../provider.ts';
import type { ChargeRow, ChargeStatus } from '../tables.ts';

/** A buyer's page, as long as somebody has it open. */
export type Charge = {
  readonly chargeId: string;
  readonly paymentNumber: PaymentNumber;
  readonly orderNumber: OrderNumber;
  readonly amountMinor: AmountMinor;
  readonly currency: Currency;
  readonly deadlineMs: number;
  readonly status: ChargeStatus;
};

/** What providers do now and then, to see what becomes of it. */
export type Oddity = {
  /** Takes this instead of what was asked for. */
  readonly amountMinor?: AmountMinor | undefined;
  /** Takes it once more from a charge that was paid or declined. */
  readonly again?: boolean | undefined;
};

export type ChargeAnswer =
  | { readonly kind: 'changed' | 'unchanged'; readonly charge: Charge }
  | { readonly kind: 'refused'; readonly code: 'not_found' | 'payment_declined' };

const columns = [
  'charge_id',
  'payment_number',
  'order_number',
  wide('amount_minor'),
  'currency',
  wide('deadline_ms'),
  'status',
] as const;

export const requestCharge = async (db: Db, request: ChargeRequest): Promise<string> => {
  await db
    .insertInto('simulated_charge')
    .values({
      // Whoever has it may pay or decline, so nobody must be able to guess it.
      charge_id: `ch_${randomUUID().replaceAll('-', '')}`,
      payment_number: request.paymentNumber,
      order_number: request.orderNumber,
      amount_minor: request.amountMinor,
      currency: request.currency,
      deadline_ms: request.deadlineMs,
      status: 'open',
    })
    .onConflict((conflict) => conflict.column('payment_number').doNothing())
    .execute();
  const { charge_id } = await db
    .selectFrom('simulated_charge')
    .select('charge_id')
    .where('payment_number', '=', request.paymentNumber)
    .executeTakeFirstOrThrow();
  return charge_id;
};

export const chargeOf = async (db: Db, chargeId: string): Promise<Charge | undefined> => {
  const row = await db
    .selectFrom('simulated_charge')
    .select(columns)
    .where('charge_id', '=', chargeId)
    .executeTakeFirst();
  return row && chargeFrom(row as ChargeRow);
};

/** Takes the money and owes the callback that says so, both or neither. */
export const pay = (db: Db, chargeId: string, nowMs: number, odd: Oddity = {}): Promise<ChargeAnswer> =>
  changing(db, chargeId, async (transaction, charge) => {
    const isOpen = charge.status === 'open';
    if (charge.status === 'declined' && odd.again !== true) {
      return { kind: 'refused', code: 'payment_declined' };
    }
    if (!isOpen && odd.again !== true) return { kind: 'unchanged', charge };
    const amountMinor = odd.amountMinor ?? charge.amountMinor;
    const providerReference = (isOpen ? chargeId : `${chargeId}_${randomUUID()}`) as ProviderReference;
    await transaction
      .insertInto('simulated_capture')
      .values({ reference: providerReference, charge_id: chargeId, amount_minor: amountMinor })
      .execute();
    const { paymentNumber, currency } = charge;
    const notice = { kind: 'captured', paymentNumber, providerReference, amountMinor, currency } as const;
    await owe(transaction, notice, nowMs);
    return { kind: 'changed', charge: await setStatus(transaction, charge, 'paid') };
  });

export const decline = (db: Db, chargeId: string, nowMs: number): Promise<ChargeAnswer> =>
  changing(db, chargeId, async (transaction, charge) => {
    if (charge.status !== 'open') return { kind: 'unchanged', charge };
    await owe(
      transaction,
      { kind: 'failed', paymentNumber: charge.paymentNumber, code: 'declined_by_buyer' },
      nowMs,
    );
    return { kind: 'changed', charge: await setStatus(transaction, charge, 'declined') };
  });

const changing = (
  db: Db,
  chargeId: string,
  change: (transaction: Db, charge: Charge) => Promise<ChargeAnswer>,
): Promise<ChargeAnswer> =>
  db.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('simulated_charge')
      .select(columns)
      .where('charge_id', '=', chargeId)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return { kind: 'refused', code: 'not_found' };
    return change(transaction, chargeFrom(row as ChargeRow));
  });

const setStatus = async (transaction: Db, charge: Charge, status: ChargeStatus): Promise<Charge> => {
  await transaction
    .updateTable('simulated_charge')
    .set({ status })
    .where('charge_id', '=', charge.chargeId)
    .execute();
  return { ...charge, status };
};

export type RefundEnd =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly code: 'charge_not_found' | 'refund_exceeds_charge' };

/**
 * `failureCode` makes it fail, as banks do. An attempt that was asked for before is answered as then, and its
 * callback sent again, for whoever asks twice may have missed it.
 */
export const refund = (
  db: Db,
  request: RefundRequest,
  failureCode: string | undefined,
  nowMs: number,
): Promise<RefundEnd> =>
  db.transaction().execute(async (transaction) => {
    const { refundId, providerReference, amountMinor, attempt } = request;
    const capture = await transaction
      .selectFrom('simulated_capture')
      .select(wide('amount_minor'))
      .where('reference', '=', providerReference)
      .forUpdate()
      .executeTakeFirst();
    if (capture === undefined) return { kind: 'refused', code: 'charge_not_found' };
    const before = await transaction
      .selectFrom('simulated_refund')
      .select(['status', 'attempt'])
      .where('refund_id', '=', refundId)
      .executeTakeFirst();
    if (before?.status === 'completed' || (before !== undefined && attempt <= before.attempt)) {
      await owe(
        transaction,
        endOf(request, before.status === 'completed' ? undefined : 'refused_before'),
        nowMs,
      );
      return { kind: 'accepted' };
    }
    const status = failureCode === undefined ? 'completed' : 'failed';
    if (amountMinor > capture.amount_minor - (await givenBack(transaction, providerReference))) {
      return { kind: 'refused', code: 'refund_exceeds_charge' };
    }
    await transaction
      .insertInto('simulated_refund')
      .values({
        refund_id: refundId,
        reference: providerReference,
        amount_minor: amountMinor,
        attempt,
        status,
      })
      .onConflict((conflict) => conflict.column('refund_id').doUpdateSet({ attempt, status }))
      .execute();
    await owe(transaction, endOf(request, failureCode), nowMs);
    return { kind: 'accepted' };
  });

const givenBack = async (transaction: Db, reference: ProviderReference): Promise<number> => {
  const rows = await transaction
    .selectFrom('simulated_refund')
    .select(wide('amount_minor'))
    .where('reference', '=', reference)
    .where('status', '=', 'completed')
    .execute();
  return rows.reduce((sum, row) => sum + row.amount_minor, 0);
};

const endOf = (request: RefundRequest, failureCode: string | undefined): ProviderNotice => {
  const { paymentNumber, refundId, attempt, amountMinor, currency } = request;
  if (failureCode === undefined) {
    return { kind: 'refund_completed', paymentNumber, refundId, amountMinor, currency };
  }
  return { kind: 'refund_failed', paymentNumber, refundId, attempt, code: failureCode };
};

const owe = async (transaction: Db, notice: ProviderNotice, nowMs: number): Promise<void> => {
  await transaction
    .insertInto('simulated_callback')
    .values({ body: callbackBodyOf(notice), due_ms: nowMs, tries: 0 })
    .execute();
};

const chargeFrom = (row: ChargeRow): Charge => ({
  chargeId: row.charge_id,
  paymentNumber: row.payment_number,
  orderNumber: row.order_number,
  amountMinor: row.amount_minor,
  currency: row.currency,
  deadlineMs: row.deadline_ms,
  status: row.status,
});
