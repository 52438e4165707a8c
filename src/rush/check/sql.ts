/** Holds the SQL read models against the fold of the log: every order with its tickets, and the stock. */
import type pg from 'pg';
import { z } from 'zod';
import { type Audited, isRefunded, type OrderInLog, type Place } from '../../auditor/index.ts';
import type { Findings } from './findings.ts';

const ROWS_PER_FETCH = 5_000;

export type SqlClient = Pick<pg.ClientBase, 'query'>;

const projectionRows = z.array(
  z.object({ name: z.string(), position: z.string().nullable(), stopped: z.unknown() }),
);

/** The read models that have not come as far as this position of the log, each as a sentence. */
export async function laggards(sql: SqlClient, position: bigint): Promise<readonly string[]> {
  const { rows } = await sql.query('select name, position, stopped from projection order by name');
  const projections = projectionRows.parse(rows);
  if (projections.length === 0) return ['no read model has ever been filled'];
  return projections.flatMap(({ name, position: seen, stopped }) => {
    if (BigInt(seen ?? -1) >= position) return [];
    const state = stopped === null ? 'is' : 'stopped';
    return [`${name} ${state} at ${seen ?? 'the beginning'}, the log at ${position}`];
  });
}

const orderRow = z.object({
  order_number: z.string(),
  buyer: z.string(),
  status: z.string(),
  amount_minor: z.string().nullable(),
  refunded_minor: z.string(),
  payment_number: z.string().nullable(),
  refusal: z.string().nullable(),
  repeats: z.string().nullable(),
  tickets: z.string().nullable(),
});

const ORDERS = `
  select order_number, buyer, status, amount_minor, refunded_minor, payment_number, refusal, repeats, (
    select string_agg(
      category_id || '/' || coalesce(seat::text, '-') || case when refunded then ' refunded' else '' end,
      ', ' order by line)
    from order_line line where line.gene = head.gene and line.order_number = head.order_number
  ) as tickets
  from order_ head where program_id = $1`;

/** Reads with a cursor, in a transaction of its own. */
export async function compareOrders(
  sql: SqlClient,
  programId: string,
  audited: Audited,
  findings: Findings,
): Promise<void> {
  const missing = new Set([...audited.queued.keys(), ...audited.orders.keys()]);
  await sql.query('begin transaction read only');
  try {
    await sql.query(`declare checked no scroll cursor for ${ORDERS}`, [programId]);
    for (;;) {
      const { rows } = await sql.query(`fetch ${ROWS_PER_FETCH} from checked`);
      if (rows.length === 0) break;
      for (const row of rows) {
        const order = orderRow.parse(row);
        missing.delete(order.order_number);
        compareOrder(order, audited, findings);
      }
    }
  } finally {
    await sql.query('rollback');
  }
  for (const orderNumber of missing) findings.broken('read_models', `SQL does not have order ${orderNumber}`);
}

function compareOrder(row: z.infer<typeof orderRow>, audited: Audited, findings: Findings): void {
  const expected = expectedRow(row.order_number, audited);
  if (expected === undefined) {
    findings.broken('read_models', `SQL has order ${row.order_number}, the log has not`);
    return;
  }
  for (const [column, value] of Object.entries(expected)) {
    const shown = row[column as keyof typeof row];
    if (shown === value) continue;
    findings.broken(
      'read_models',
      `order ${row.order_number}: ${column} is ${shown} in SQL, ${value} in the log`,
    );
  }
}

function expectedRow(
  orderNumber: string,
  audited: Audited,
): Omit<z.infer<typeof orderRow>, 'order_number'> | undefined {
  const order = audited.orders.get(orderNumber);
  if (order !== undefined) {
    return {
      ...{ buyer: order.buyer, status: order.status, repeats: null, refusal: order.refusal ?? null },
      ...{ amount_minor: String(order.amountMinor), refunded_minor: String(order.refundedMinor) },
      ...{ payment_number: order.paymentNumber ?? null, tickets: ticketsOf(order, audited) },
    };
  }
  const queued = audited.queued.get(orderNumber);
  if (queued === undefined) return undefined;
  const { buyer, end } = queued;
  const why = (kind: string): string | null => (end?.kind === kind ? (end.why ?? null) : null);
  return {
    ...{ buyer, status: end?.kind ?? 'queued', refusal: why('rejected'), repeats: why('repeated') },
    ...{ amount_minor: null, refunded_minor: '0', payment_number: null, tickets: null },
  };
}

function ticketsOf(order: OrderInLog, { terms }: Audited): string {
  const named = ([category, seat]: Place, index: number): string =>
    `${terms?.layout[category]?.id}/${seat ?? '-'}${isRefunded(order, index) ? ' refunded' : ''}`;
  return order.places.map(named).join(', ');
}

const stockRows = z.array(
  z.object({ category_id: z.string(), capacity: z.int(), held: z.int(), sold: z.int() }),
);

export async function compareStock(
  sql: SqlClient,
  programId: string,
  audited: Audited,
  findings: Findings,
): Promise<void> {
  const { rows } = await sql.query(
    'select category_id, capacity, held, sold from category_stock where program_id = $1 order by category',
    [programId],
  );
  const text = (stock: { capacity: number; held: number; sold: number } | undefined): string =>
    stock === undefined ? 'nothing' : `${stock.held} held and ${stock.sold} sold of ${stock.capacity}`;
  const shown = new Map(stockRows.parse(rows).map((row) => [row.category_id, row]));
  for (const stock of audited.stock) {
    const inSql = text(shown.get(stock.categoryId));
    if (inSql === text(stock)) continue;
    findings.broken('read_models', `${stock.categoryId}: ${inSql} in SQL, ${text(stock)} in the log`);
  }
}
