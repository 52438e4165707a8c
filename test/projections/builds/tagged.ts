/** Projections that leave a mark of theirs in every row, in two tables each: whoever sees two marks has seen two builds. */
import { sql } from 'kysely';
import type { OrderNumber, ProgramId, UserId } from '../../../src/domain/shared/ids.ts';
import type { EngineProjection } from '../../../src/projections/builds/deps.ts';
import type { Db } from '../../../src/projections/database.ts';
import { ordersOfBuyer } from '../../../src/projections/orders/index.ts';
import { paymentsOfOrder } from '../../../src/projections/payments/index.ts';
import { programById } from '../../../src/projections/programs/index.ts';
import { createProjections } from '../../../src/projections/registry.ts';

const MARKED = {
  orders: { order_: 'currency', order_line: 'ticket_user' },
  payments: { payment: 'failure_code', stray_charge: 'cause' },
  programs: { program: 'venue_en', ticket_category: 'name_en' },
} as const;
export type Marked = keyof typeof MARKED;

export const markedProjections = (mark: string): readonly EngineProjection[] =>
  createProjections().map((projection) => ({
    ...projection,
    apply: async (db, events) => {
      await projection.apply(db, events);
      const columns: Readonly<Record<string, string>> =
        Object.entries(MARKED).find(([name]) => name === projection.name)?.[1] ?? {};
      for (const [table, column] of Object.entries(columns)) {
        await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${mark}`.execute(db);
      }
    },
  }));

export type Asked = {
  readonly ofBuyer: UserId;
  readonly ofOrder: { readonly order: OrderNumber; readonly buyer: UserId };
  readonly ofProgram: ProgramId;
};

/** The marks that one question sees, in all rows of its answer. */
export const marksSeen = async (db: Db, name: Marked, asked: Asked): Promise<readonly string[]> => {
  switch (name) {
    case 'orders': {
      const page = await ordersOfBuyer(db, { buyer: asked.ofBuyer, limit: 10 });
      const orders = page.kind === 'page' ? page.items : [];
      return orders.flatMap(({ currency, tickets }) => [
        String(currency),
        ...tickets.map(({ ticketUser }) => ticketUser),
      ]);
    }
    case 'payments': {
      const payments = await paymentsOfOrder(db, asked.ofOrder.order, asked.ofOrder.buyer);
      return payments.flatMap(({ failureCode, strays }) => [
        String(failureCode),
        ...strays.map(({ cause }) => cause),
      ]);
    }
    case 'programs': {
      const found = await programById(db, asked.ofProgram);
      const categories = found?.ticketCategories ?? [];
      return found === undefined
        ? []
        : [found.venue, ...categories.map((one) => one.name)].map(({ en }) => String(en));
    }
  }
};
