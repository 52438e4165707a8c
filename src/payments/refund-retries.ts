/** The refunds to be tried again, in SQL, so that a restart forgets none. */
import type { RefundRetries } from '../processes/payment/index.ts';
import { wide } from '../projections/columns.ts';
import type { Db } from '../projections/database.ts';

/** Its functions reject with the database's own errors. */
export const createRefundRetries = (db: Db): RefundRetries => ({
  schedule: async ({ refundId, attempt, paymentNumber, correlationId, dueMs }) => {
    await db
      .insertInto('refund_retry')
      .values({
        refund_id: refundId,
        attempt,
        payment_number: paymentNumber,
        correlation_id: correlationId,
        due_ms: dueMs,
      })
      .onConflict((conflict) => conflict.columns(['refund_id', 'attempt']).doNothing())
      .execute();
  },
  due: async (nowMs, limit) => {
    const rows = await db
      .selectFrom('refund_retry')
      .select(['refund_id', 'attempt', 'payment_number', 'correlation_id', wide('due_ms')])
      .where('due_ms', '<=', String(nowMs))
      .orderBy('refund_retry.due_ms')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      refundId: row.refund_id,
      attempt: row.attempt,
      paymentNumber: row.payment_number,
      correlationId: row.correlation_id,
      dueMs: row.due_ms,
    }));
  },
  done: async ({ refundId, attempt }) => {
    await db
      .deleteFrom('refund_retry')
      .where('refund_id', '=', refundId)
      .where('attempt', '=', attempt)
      .execute();
  },
});
