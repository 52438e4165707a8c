/** The payments projection: what became of the money, for buyers, the payment process and operators. */
import type { PaymentEvent } from '../../domain/payment/index.ts';
import type { PaymentNumber } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import { writeRows } from '../bulk.ts';
import { type Numbered, rowsByNumber } from '../by-number.ts';
import type { Db } from '../database.ts';
import type { Projected, Projection } from '../projection.ts';
import { evolve, movesMoneyBack, type PaymentRows, startsAnew } from './evolve.ts';
import {
  type PaymentRow,
  paymentColumns,
  paymentTable,
  type RefundRow,
  refundColumns,
  refundTable,
  type StrayChargeRow,
  strayChargeColumns,
  strayChargeTable,
} from './table.ts';

export * from './queries.ts';

const PAYMENT_KEY = ['gene', 'payment_number'] as const;
const ofPayment = {
  subject: ['payment_number'],
  subjectsOf: ({ data }: Projected<PaymentEvent>) => [[data.paymentNumber]],
} as const;

export const paymentsProjection: Projection<PaymentEvent> = {
  name: 'payments',
  version: 1,
  handles: [
    'PaymentRequested',
    'PaymentCaptured',
    'StrayPaymentCaptured',
    'PaymentFailed',
    'RefundRequested',
    'RefundCompleted',
    'RefundFailed',
    'RefundRetried',
  ],
  tables: [
    { name: 'payment', key: PAYMENT_KEY, ...ofPayment },
    { name: 'stray_charge', key: [...PAYMENT_KEY, 'provider_reference'], ...ofPayment },
    { name: 'refund', key: [...PAYMENT_KEY, 'refund_id'], ...ofPayment },
  ],
  apply: async (db, events) => {
    const payments = await load(db, events);
    for (const event of events) {
      const { paymentNumber } = event.data;
      payments.set(paymentNumber, evolve(payments.get(paymentNumber), event));
    }
    const rows = [...payments.values()];
    await writeRows(
      db,
      paymentTable,
      rows.map(({ head }) => head),
    );
    const strays = rows.flatMap((payment) => [...payment.strays.values()]);
    await writeRows(db, strayChargeTable, strays);
    const refunds = rows.flatMap((payment) => [...payment.refunds.values()]);
    await writeRows(db, refundTable, refunds);
  },
};

/** The payments of these events as the tables have them, with refunds and strays where money goes back. */
const load = async (
  db: Db,
  events: readonly Projected<PaymentEvent>[],
): Promise<Map<PaymentNumber, PaymentRows>> => {
  const first = new Map<PaymentNumber, PaymentEvent>();
  for (const event of events) {
    if (!first.has(event.data.paymentNumber)) first.set(event.data.paymentNumber, event);
  }
  const before = [...first.values()].filter((event) => !startsAnew(event)).map(numbered);
  const moving = new Set<string>(events.filter(movesMoneyBack).map(({ data }) => data.paymentNumber));
  const back = before.filter(({ number }) => moving.has(number));
  const heads = await rowsByNumber<PaymentRow>(db, 'payment', 'payment_number', paymentColumns, before);
  const payments = new Map<PaymentNumber, PaymentRows>(
    heads.map((head) => [head.payment_number, { head, strays: new Map(), refunds: new Map() }]),
  );
  const strays = rowsByNumber<StrayChargeRow>(db, 'stray_charge', 'payment_number', strayChargeColumns, back);
  for (const stray of await strays) {
    payments.get(stray.payment_number)?.strays.set(stray.provider_reference, stray);
  }
  const refunds = rowsByNumber<RefundRow>(db, 'refund', 'payment_number', refundColumns, back);
  for (const refund of await refunds) {
    payments.get(refund.payment_number)?.refunds.set(refund.refund_id, refund);
  }
  return payments;
};

const numbered = ({ data }: PaymentEvent): Numbered => ({
  gene: geneOfOrder(data.orderNumber),
  number: data.paymentNumber,
});
