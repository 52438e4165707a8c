/**
 * The opponent: what a team would write first, and write well. Express, a schema, a verified token, and one
 * PostgreSQL transaction with a lock on the row of the ticket category. It does less than the engine: it neither
 * chooses seats nor knows whose the ticket users are, nor limits buyers.
 */
import express from 'express';
import pg from 'pg';
import { createTokenVerifier } from '../../src/api/identity.ts';
import { type OrderBody, orderBodySchema } from '../../src/api/orders/request.ts';
import { listen } from '../../src/api/server.ts';
import { serveParent } from '../support/forked.ts';
import { PRICE_MINOR } from './seller.ts';
import { newSaleSchema, type PlainStart } from './starts.ts';

const UNIQUE_VIOLATION = '23505';

const TABLES = `
  create table ticket_categories (
    program_id text, category_id text, price_minor int not null, places int not null,
    places_left int not null check (places_left >= 0), primary key (program_id, category_id));
  create table orders (
    order_number bigint generated always as identity primary key, program_id text not null,
    buyer text not null, idempotency_key text not null, amount_minor int not null,
    status text not null default 'awaiting_payment', placed_at timestamptz not null default now(),
    unique (buyer, idempotency_key));
  create table order_lines (
    order_number bigint references orders, line int, ticket_user_id text not null,
    category_id text not null, seat int not null, primary key (order_number, line));`;
const ADD_SALE = 'insert into ticket_categories values ($1, $2, $3, $4, $4)';
// Named, so that each connection parses them once.
const LOCK_STOCK = {
  name: 'lock_stock',
  text: `select places, places_left, price_minor from ticket_categories
    where program_id = $1 and category_id = $2 for update`,
};
const ADD_ORDER = {
  name: 'add_order',
  text: `insert into orders (program_id, buyer, idempotency_key, amount_minor)
    values ($1, $2, $3, $4) returning order_number`,
};
const ADD_LINES = {
  name: 'add_lines',
  text: `insert into order_lines select $1, line, ticket_user, $3, $4 + line
    from unnest($2::text[]) with ordinality as wanted (ticket_user, line)`,
};
const TAKE_STOCK = {
  name: 'take_stock',
  text: `update ticket_categories set places_left = places_left - $3
    where program_id = $1 and category_id = $2`,
};

type Stock = { readonly places: number; readonly places_left: number; readonly price_minor: number };
type Placed = { readonly orderNumber: string; readonly firstSeat: number; readonly priceMinor: number };

const inTransaction = async <T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
};

/** Undefined when there are not enough tickets left. */
const placeOrder = (
  pool: pg.Pool,
  buyer: string,
  idempotencyKey: string,
  { programId, categoryId, ticketUserIds }: OrderBody,
): Promise<Placed | undefined> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<Stock>({ ...LOCK_STOCK, values: [programId, categoryId] });
    const [stock] = rows;
    const count = ticketUserIds.length;
    if (stock === undefined || stock.places_left < count) return undefined;
    const { price_minor: priceMinor } = stock;
    const order = [programId, buyer, idempotencyKey, count * priceMinor];
    const added = await client.query<{ order_number: string }>({ ...ADD_ORDER, values: order });
    const orderNumber = added.rows[0]?.order_number ?? '';
    const firstSeat = stock.places - stock.places_left;
    await client.query({ ...ADD_LINES, values: [orderNumber, ticketUserIds, categoryId, firstSeat - 1] });
    await client.query({ ...TAKE_STOCK, values: [programId, categoryId, count] });
    return { orderNumber, firstSeat, priceMinor };
  });

const answerOf = (
  { orderNumber, firstSeat, priceMinor }: Placed,
  { categoryId, ticketUserIds }: OrderBody,
) => ({
  orderNumber,
  status: 'awaiting_payment',
  tickets: ticketUserIds.map((ticketUserId, index) => ({
    ticketUserId,
    categoryId,
    seat: firstSeat + index,
    priceMinor,
  })),
  amountMinor: ticketUserIds.length * priceMinor,
  currency: 'CNY',
});

const appOf = (pool: pg.Pool, key: Uint8Array): express.Express => {
  const verifyToken = createTokenVerifier({ key });
  const app = express();
  app.use(async (request, response, next) => {
    const verdict = await verifyToken(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (verdict.kind === 'refused') response.status(401).json({ code: verdict.code });
    else {
      response.locals['buyer'] = verdict.identity.userId;
      next();
    }
  });
  app.use(express.json());
  app.get('/ticket-users', (_request, response) => {
    response.json({ ticketUsers: [] });
  });
  app.post('/programs', async (request, response) => {
    const { programId, categoryId, seats } = newSaleSchema.parse(request.body);
    await pool.query(ADD_SALE, [programId, categoryId, PRICE_MINOR, seats]);
    response.status(201).json({ programId });
  });
  app.post('/orders', async (request, response) => {
    const body = orderBodySchema.safeParse(request.body);
    if (!body.success) {
      response.status(422).json({ code: 'invalid_request', issues: body.error.issues });
      return;
    }
    const idempotencyKey = request.get('idempotency-key') ?? '';
    try {
      const placed = await placeOrder(pool, response.locals['buyer'], idempotencyKey, body.data);
      if (placed === undefined) response.status(409).json({ code: 'sold_out' });
      else response.status(201).json(answerOf(placed, body.data));
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION)) throw error;
      response.status(409).json({ code: 'duplicate_submission' });
    }
  });
  return app;
};

serveParent<PlainStart>(async ({ databaseUrl, poolMax, tokenKey }) => {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: poolMax });
  pool.on('error', (error) => console.error(error));
  await pool.query(TABLES);
  return (await listen(appOf(pool, Buffer.from(tokenKey, 'hex')), '127.0.0.1', 0)).port;
});
