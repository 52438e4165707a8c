/** The read models that tell where in the log an order's events are, as audits use them. */
import type { BuyerIndex } from '../audit/buyer.ts';
import type { ProgramIndex } from '../audit/program-index.ts';
import { isPostgresUnavailable } from '../postgres/unavailable.ts';
import type { Db } from '../projections/database.ts';
import { eventsOfOrder, totalsOfOrders } from '../projections/order-events/index.ts';
import { orderNumbersOfBuyer } from '../projections/orders/index.ts';

/** Without SQL there is no index: `upTo` says so, and audits read the log. */
export const createAuditIndex = (db: Db): BuyerIndex & ProgramIndex => ({
  upTo: () => checkpointOf(db, 'order_events'),
  ordersUpTo: () => checkpointOf(db, 'orders'),
  eventsOfOrder: (orderNumber) => eventsOfOrder(db, orderNumber),
  totalsOf: (orders, upTo, until) => totalsOfOrders(db, orders, upTo, until).catch(undefinedWithoutSql),
  ordersOf: (buyer, before, limit) => orderNumbersOfBuyer(db, buyer, before, limit),
});

const checkpointOf = async (db: Db, name: string): Promise<bigint | undefined> => {
  try {
    const row = await db
      .selectFrom('projection')
      .select('position')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.position === undefined || row.position === null ? undefined : BigInt(row.position);
  } catch (error) {
    return undefinedWithoutSql(error);
  }
};

const undefinedWithoutSql = (error: unknown): undefined => {
  if (!isPostgresUnavailable(error)) throw error;
};
