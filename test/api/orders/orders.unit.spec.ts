/** The order endpoints over an engine that is a few functions: what reaches it, and what comes back. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Endpoint } from '../../../src/api/endpoint.ts';
import type { Hall, OrderPlaced, OrderStatusView, OrdersDeps } from '../../../src/api/orders/index.ts';
import { isHotOrderEndpoint, ordersEndpoints } from '../../../src/api/orders/index.ts';
import type { OrderRequest } from '../../../src/commands/place-order.ts';
import type { CommandContext } from '../../../src/commands/ports.ts';
import { createSeatNames, layoutSchema } from '../../../src/domain/sale/index.ts';
import type { DispatchMode } from '../../../src/domain/shared/dispatch-mode.ts';
import {
  categoryIdSchema,
  orderNumberSchema,
  paymentNumberSchema,
  programIdSchema,
  ticketUserIdSchema,
  userIdSchema,
} from '../../../src/domain/shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../../../src/domain/shared/money.ts';
import type { Order } from '../../../src/projections/orders/queries.ts';
import { type Answered, ask } from '../client.ts';
import { bearer, type LaneServer, startLane } from '../lanes.ts';

const layout = layoutSchema.parse([
  { kind: 'general', id: 'stand', priceMinor: 300, capacity: 10 },
  {
    kind: 'seated',
    id: 'a',
    priceMinor: 500,
    sections: [{ name: 'S', rows: [{ rows: '1-2', seats: '1-4' }] }],
  },
]);
const hall: Hall = {
  terms: { currency: currencySchema.parse('CNY'), layout },
  names: createSeatNames(layout),
};
const orderNumber = orderNumberSchema.parse('9007199254740993');
const programId = programIdSchema.parse('gala');
const placed: OrderPlaced = {
  kind: 'order_placed',
  orderNumber,
  status: 'awaiting_payment',
  places: [[1, 5]],
  together: 'row',
  amountMinor: amountMinorSchema.parse(500),
  deadlineMs: 1_000,
};
const body = { programId: 'gala', ticketUserIds: ['p1'], categoryId: 'a' };

const order: Order = {
  orderNumber,
  programId,
  buyer: userIdSchema.parse('ann'),
  status: 'paid',
  currency: hall.terms.currency,
  amountMinor: 500,
  refundedMinor: 0,
  together: 'row',
  deadlineMs: 1_000,
  paymentNumber: paymentNumberSchema.parse('5'),
  refusal: null,
  repeats: null,
  askedAtMs: 1,
  placedAtMs: 1,
  paidAtMs: 2,
  issuedAtMs: null,
  endedAtMs: null,
  tickets: [
    {
      ticketUser: ticketUserIdSchema.parse('p1'),
      categoryId: categoryIdSchema.parse('a'),
      seat: { number: 5, section: 'S', row: '2', seat: '2' },
      priceMinor: 500,
      refunded: false,
    },
  ],
};

type Placing = { readonly mode: string; readonly request: OrderRequest; readonly context: CommandContext };
let server: LaneServer;
let endpoints: readonly Endpoint[];
let placings: Placing[];
let deps: { -readonly [Name in keyof OrdersDeps]: OrdersDeps[Name] };
let ann: Record<string, string>;

beforeEach(async () => {
  placings = [];
  const modeOf = (asked: string) => (asked === 'configured' ? 'v3' : asked) as DispatchMode;
  deps = {
    placeOrder: async (mode, request, context) => {
      placings.push({ mode, request, context });
      const answer =
        mode === 'v4' ? ({ kind: 'order_queued', orderNumber, deadlineMs: 5_000 } as const) : placed;
      return { mode: modeOf(mode), answer };
    },
    hallOf: async () => hall,
    statusOf: async () => undefined,
    watchStatus: () => {
      throw new Error('not watched');
    },
    orderOfBuyer: async (number, buyer) => (number === orderNumber && buyer === 'ann' ? order : undefined),
    ordersOfBuyer: async () => ({ kind: 'page', items: [order], next: 'more' }),
    cancelOrder: async (number) => ({ kind: 'order_cancelled', orderNumber: number }),
  };
  // Looked up at each call, so that a test can replace one.
  const live = Object.fromEntries(
    Object.keys(deps).map((name) => [
      name,
      (...args: never[]) => (deps[name as keyof OrdersDeps] as (...args: never[]) => unknown)(...args),
    ]),
  ) as OrdersDeps;
  endpoints = ordersEndpoints(live);
  server = await startLane('express', endpoints, { isHot: isHotOrderEndpoint });
  ann = { ...(await bearer('ann')), 'content-type': 'application/json' };
});
afterEach(() => server.close());

const post = (path: string, sent: unknown = body, headers = {}) =>
  ask(server.port, { method: 'POST', path, body: JSON.stringify(sent), headers: { ...ann, ...headers } });
const get = (path: string, headers = {}) => ask(server.port, { path, headers: { ...ann, ...headers } });

/** The answer as the endpoint describes it to the world. */
const described = (method: string, path: string, answer: Answered): unknown => {
  const schema = endpoints.find((one) => one.method === method && one.path === path)?.answers[answer.status];
  if (!(schema instanceof z.ZodType)) throw new Error(`${answer.status} is not described: ${answer.text}`);
  return schema.parse(answer.json());
};

describe('placing an order', () => {
  test.each(['v1', 'v2', 'v3'])(
    'by %s answers with named seats, prices and the time to pay',
    async (mode) => {
      const answer = await post(`/orders/${mode}`);
      expect(answer.status).toBe(201);
      expect(answer.headers['location']).toBe('/orders/9007199254740993');
      expect(described('POST', `/orders/${mode}`, answer)).toEqual({
        orderNumber: '9007199254740993',
        mode,
        status: 'awaiting_payment',
        tickets: [
          {
            ticketUserId: 'p1',
            categoryId: 'a',
            seat: { number: 5, section: 'S', row: '2', seat: '2' },
            priceMinor: 500,
          },
        ],
        together: 'row',
        amountMinor: 500,
        currency: 'CNY',
        deadlineMs: 1_000,
      });
    },
  );

  test('by v4 answers that it is queued, and where to ask', async () => {
    const answer = await post('/orders/v4');
    expect(described('POST', '/orders/v4', answer)).toEqual({
      orderNumber,
      mode: 'v4',
      status: 'queued',
      deadlineMs: 5_000,
    });
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({ location: `/orders/${orderNumber}/status`, 'retry-after': '1' });
  });

  test('without a version leaves the mode to the engine and says which it was', async () => {
    expect((await post('/orders')).json()).toMatchObject({ mode: 'v3' });
    expect(placings).toMatchObject([{ mode: 'configured' }]);
  });

  test('in general admission answers with no seat', async () => {
    deps.placeOrder = async () => ({
      mode: 'v3',
      answer: { ...placed, places: [[0, null]], together: 'unseated' },
    });
    expect(described('POST', '/orders', await post('/orders'))).toMatchObject({
      tickets: [{ categoryId: 'stand', seat: null, priceMinor: 300 }],
    });
  });

  test.each([
    [
      { categoryId: 'a', allowSplit: false, accessible: true },
      { by: 'category', category: 'a', count: 1, allowSplit: false, accessible: true },
    ],
    [
      { categoryId: 'a', ticketCount: 1 },
      { by: 'category', category: 'a', count: 1 },
    ],
    [{ seats: [3] }, { by: 'seats', seats: [3] }],
    [{ holdToken: 'h1' }, { by: 'hold', holdToken: 'h1' }],
  ])('hands %j on', async (wanted, want) => {
    await post('/orders', { programId: 'gala', ticketUserIds: ['p1'], ...wanted }, { 'x-request-id': 'r1' });
    expect(placings).toMatchObject([
      {
        request: { programId: 'gala', buyer: 'ann', ticketUsers: ['p1'], want },
        context: { correlationId: 'r1', actor: 'ann' },
      },
    ]);
    expect(placings[0]?.request.want).toEqual(want);
  });

  test.each([
    ['nothing wanted', { categoryId: undefined }],
    ['two things wanted', { seats: [1] }],
    ['a choice of seats that are named', { categoryId: undefined, seats: [1], allowSplit: true }],
    ['nobody', { ticketUserIds: [] }],
    ['a buyer in the body', { buyer: 'bob' }],
    ['a seat that is no number', { categoryId: undefined, seats: [-1] }],
    ['money with a fraction', { expectedAmountMinor: 1.5 }],
    ['a program id that is none', { programId: 'a_b' }],
  ])('refuses %s', async (_what, change) => {
    const answer = await post('/orders', { ...body, ...change });
    expect(answer.json()).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(placings).toEqual([]);
  });

  test('refuses a count that is not that of the people', async () => {
    expect((await post('/orders', { ...body, ticketCount: 2 })).json()).toMatchObject({
      status: 422,
      code: 'ticket_count_mismatch',
    });
  });

  test('says what the engine refuses, and how many places are left', async () => {
    deps.placeOrder = async () => ({ mode: 'v3', answer: { kind: 'refused', code: 'sold_out', left: 1 } });
    expect((await post('/orders')).json()).toMatchObject({ status: 409, code: 'sold_out', left: 1 });
  });

  test('says when the request led to an order before that has moved on', async () => {
    deps.placeOrder = async () => ({ mode: 'v3', answer: { ...placed, status: 'paid' } });
    const answer = await post('/orders');
    expect([answer.status, answer.headers['idempotency-replayed']]).toEqual([201, 'true']);
  });
});

describe('the id of a request', () => {
  const idOf = async (headers: object): Promise<unknown> => {
    await post('/orders', body, headers);
    return placings.at(-1)?.request.requestId;
  };

  test('is the same for the same buyer and key, in any mode', async () => {
    const id = await idOf({ 'idempotency-key': 'k1' });
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    await post('/orders/v2', body, { 'idempotency-key': 'k1' });
    expect(placings.at(-1)?.request.requestId).toBe(id);
  });

  test('is another for another key, another buyer, or no key', async () => {
    const ids = [
      await idOf({ 'idempotency-key': 'k1' }),
      await idOf({ 'idempotency-key': 'k2' }),
      await idOf({ 'idempotency-key': 'k1', ...(await bearer('bob')) }),
      await idOf({}),
      await idOf({}),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([['with space'], ['k'.repeat(129)], ['ü']])('comes from no key like %j', async (key) => {
    const answer = await post('/orders', body, { 'idempotency-key': key });
    expect(answer.json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'header.idempotency-key' }],
    });
  });
});

describe('looking at orders', () => {
  test('shows one with its tickets, and not whose it is', async () => {
    const answer = await get(`/orders/${orderNumber}`);
    const shown = described('GET', '/orders/:orderNumber', answer);
    expect(shown).toMatchObject({ orderNumber, status: 'paid', tickets: [{ ticketUserId: 'p1' }] });
    expect(shown).not.toHaveProperty('buyer');
  });

  test('finds no order of somebody else', async () => {
    const answer = await get(`/orders/${orderNumber}`, await bearer('bob'));
    expect(answer.json()).toMatchObject({ status: 404, code: 'order_not_found' });
  });

  test('lists them, with a cursor for the next page', async () => {
    let asked: unknown;
    deps.ordersOfBuyer = async (list) => {
      asked = list;
      return { kind: 'page', items: [order], next: undefined };
    };
    const answer = await get('/orders?status=paid,issued&limit=5&after=abc');
    expect(described('GET', '/orders', answer)).toMatchObject({ orders: [{ orderNumber }], next: null });
    expect(asked).toEqual({ buyer: 'ann', statuses: ['paid', 'issued'], after: 'abc', limit: 5 });
  });

  test.each([
    ['status=lost'],
    ['limit=0'],
    ['limit=101'],
    ['limit=x'],
    ['limit=1e1'],
    ['limit=%207'],
    ['page=2'],
  ])('refuses ?%s', async (query) => {
    expect((await get(`/orders?${query}`)).json()).toMatchObject({ code: 'invalid_request' });
  });

  test('refuses a cursor of another list', async () => {
    deps.ordersOfBuyer = async () => ({ kind: 'refused', code: 'cursor_malformed' });
    expect((await get('/orders?after=abc')).json()).toMatchObject({ status: 400, code: 'cursor_invalid' });
  });

  test.each([['0'], ['01'], ['x'], ['9223372036854775808']])('refuses the number %s', async (number) => {
    expect((await get(`/orders/${number}`)).json()).toMatchObject({ code: 'invalid_request' });
  });
});

describe('the status of an order', () => {
  const queued: OrderStatusView = { orderNumber, programId, status: 'queued', deadlineMs: 5_000 };
  const rejected: OrderStatusView = { orderNumber, programId, status: 'rejected', refusal: 'sold_out' };
  const path = `/orders/${orderNumber}/status`;

  test('while it is queued says when to ask again', async () => {
    deps.statusOf = async () => queued;
    const answer = await get(path);
    expect(described('GET', '/orders/:orderNumber/status', answer)).toEqual({ ...queued });
    expect(answer.headers['retry-after']).toBe('1');
  });

  test('says why it was rejected', async () => {
    deps.statusOf = async () => rejected;
    const answer = await get(path);
    expect(described('GET', '/orders/:orderNumber/status', answer)).toEqual({ ...rejected });
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  test('is not found for somebody else', async () => {
    expect((await get(path, { accept: 'text/event-stream' })).json()).toMatchObject({
      code: 'order_not_found',
    });
  });

  test('is streamed until the order is decided', async () => {
    deps.statusOf = async () => queued;
    deps.watchStatus = async function* () {
      yield queued;
      yield rejected;
      throw new Error('asked for more than the decision');
    };
    const answer = await get(path, { accept: 'text/event-stream' });
    expect(answer.headers['content-type']).toBe('text/event-stream');
    const events = answer.text.split('\n\n').filter((event) => event !== '');
    expect(events.map((event) => JSON.parse(event.replace('event: status\ndata: ', '')))).toEqual([
      { ...queued },
      { ...rejected },
    ]);
  });

  test('that is known already is streamed once, and nothing is watched', async () => {
    deps.statusOf = async () => rejected;
    const answer = await get(path, { accept: 'text/event-stream' });
    expect(answer.text).toMatch(/^event: status\ndata: .*"rejected".*\n\n$/);
  });
});

describe('taking an order back', () => {
  test('answers that it is cancelled', async () => {
    const answer = await post(`/orders/${orderNumber}/cancel`);
    expect(described('POST', '/orders/:orderNumber/cancel', answer)).toEqual({
      orderNumber,
      status: 'cancelled',
    });
  });

  test('says why it cannot be', async () => {
    deps.cancelOrder = async () => ({ kind: 'refused', code: 'order_already_paid' });
    expect((await post(`/orders/${orderNumber}/cancel`)).json()).toMatchObject({
      code: 'order_already_paid',
    });
  });
});

test('the hot endpoints are those of a flash sale', () => {
  const hot = endpoints.filter(isHotOrderEndpoint).map(({ method, path }) => `${method} ${path}`);
  expect(hot.sort()).toEqual([
    'GET /orders/:orderNumber/status',
    'POST /orders',
    'POST /orders/v1',
    'POST /orders/v2',
    'POST /orders/v3',
    'POST /orders/v4',
  ]);
});
