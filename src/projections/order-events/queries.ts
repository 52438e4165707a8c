/** Where in the log an order's history is. */
import { laneStream } from '../../domain/order-queue/index.ts';
import { paymentStream } from '../../domain/payment/index.ts';
import { saleStream } from '../../domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId } from '../../domain/shared/ids.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Db } from '../database.ts';
import { orderEventColumns } from './table.ts';
import { type IndexedEvent, isSaleType, typeOf } from './types.ts';

export type OrderEventPlace = {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit position in `$all`. */
  readonly position: bigint;
  readonly type: IndexedEvent['type'];
  readonly recordedAtMs: number;
};

/** In log order: of the sale, of the order's payments, and of the queue. Not whose order it is: ask that first. */
export const eventsOfOrder = async (
  db: Db,
  orderNumber: OrderNumber,
): Promise<readonly OrderEventPlace[]> => {
  const rows = await db
    .selectFrom('order_event')
    .select(orderEventColumns)
    .where('gene', '=', geneOfOrder(orderNumber))
    .where('order_number', '=', orderNumber)
    .orderBy('order_event.position')
    .execute();
  let program: ProgramId | undefined;
  return rows.map((row) => {
    // Later events of a sale are in the sale that the order began in.
    program = row.program_id ?? program;
    const type = typeOf(row.type);
    return {
      stream: streamOf(type, row.stream_of, program, orderNumber),
      revision: BigInt(row.revision),
      position: BigInt(row.position),
      type,
      recordedAtMs: row.recorded_at_ms,
    };
  });
};

const streamOf = (
  type: IndexedEvent['type'],
  of: string | null,
  program: ProgramId | undefined,
  orderNumber: OrderNumber,
): string => {
  if (isSaleType(type) && program !== undefined) return saleStream(program);
  if (of === null) throw new Error(`The index does not say where ${type} of order ${orderNumber} is.`);
  // The event's own data had parsed the number.
  return type === 'OrderQueued' ? laneStream(Number(of)) : paymentStream(of as PaymentNumber);
};
