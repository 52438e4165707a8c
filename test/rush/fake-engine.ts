/**
 * As much of the engine's API as a crowd touches, with a single counter for a hall: to hold the load
 * generator's sums against what really came, and to be rude to it. It proves nothing about the engine.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type FakeOptions = {
  readonly seats: number;
  /** Whether operators can import ticket users. */
  readonly imports: boolean;
  /** Every so many-th order is answered 503 first, to come again at once. */
  readonly busyEvery?: number;
  /** Most buyers of one import; more are answered 413. */
  readonly importMost?: number;
};

type FakeOrder = { readonly tickets: number; status: string; polls: number };

export type FakeEngine = {
  readonly url: string;
  readonly seen: {
    readonly orders: Map<string, FakeOrder>;
    readonly byKey: Map<string, string>;
    readonly paths: Map<string, number>;
    people: number;
    lost: number;
  };
  readonly free: () => number;
  /** Cuts every connection, those in the middle of an answer too, and listens again at once. */
  readonly restart: () => Promise<void>;
  readonly close: () => Promise<void>;
};

type Answer = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];

export async function startFakeEngine(options: FakeOptions): Promise<FakeEngine> {
  const seen = {
    orders: new Map<string, FakeOrder>(),
    byKey: new Map(),
    paths: new Map(),
    people: 0,
    lost: 0,
  };
  const state = { free: options.seats, calls: 0, published: 0 };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const [status, body, headers] = answer(
        options,
        seen,
        state,
        request,
        text === '' ? {} : JSON.parse(text),
      );
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
  };
  let server = await listening(handle, 0);
  const { port } = server.address() as AddressInfo;
  const stop = (): Promise<void> =>
    new Promise((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    free: () => state.free,
    restart: async () => {
      await stop();
      seen.lost += 1;
      server = await listening(handle, port);
    },
    close: stop,
  };
}

function listening(handle: Parameters<typeof createServer>[1] & object, port: number): Promise<Server> {
  return new Promise((done) => {
    const server = createServer(handle);
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

type Seen = FakeEngine['seen'];
type State = { free: number; calls: number; published: number };
type Body = {
  readonly ticketUserIds?: readonly string[];
  readonly buyers?: readonly { readonly userId: string; readonly ticketUsers: readonly object[] }[];
};

function answer(
  options: FakeOptions,
  seen: Seen,
  state: State,
  request: IncomingMessage,
  body: Body,
): Answer {
  const { method = '', url = '' } = request;
  const path = url.replace(/rush-[^/]*|\d{5,}/g, ':id');
  seen.paths.set(`${method} ${path}`, (seen.paths.get(`${method} ${path}`) ?? 0) + 1);
  if (url === '/programs') return [201, { programId: 'rush' }];
  if (url === '/operations/projections') return [200, { projections: [{ lagEvents: 0 }] }];
  if (url === '/ticket-users/import') return importAnswer(options, seen, body);
  if (url === '/ticket-users') {
    seen.people += 1;
    return [201, { ticketUserId: `person-${seen.people}` }];
  }
  if (path === '/programs/:id/open') return [200, {}];
  if (path === '/programs/:id') return [200, programOf(options, seen)];
  if (/^\/orders\/v[1-4]$/.test(url)) return order(options, seen, state, request, body, url.endsWith('v4'));
  return orderStep(seen, state, url);
}

function importAnswer({ imports, importMost = 500 }: FakeOptions, seen: Seen, { buyers = [] }: Body): Answer {
  if (!imports) return [405, { code: 'method_not_allowed' }];
  if (buyers.length > importMost) return [413, { code: 'body_too_large' }];
  const added = buyers.map(({ userId, ticketUsers }) => ({
    userId,
    ticketUserIds: ticketUsers.map(() => {
      seen.people += 1;
      return `person-${seen.people}`;
    }),
  }));
  return [200, { buyers: added }];
}

/** Nothing is held: what is not paid is gone already when somebody looks. */
const programOf = ({ seats }: FakeOptions, { orders }: Seen) => {
  const paid = [...orders.values()].filter(({ status }) => status === 'paid');
  const sold = paid.reduce((sum, { tickets }) => sum + tickets, 0);
  return { stock: [{ categoryId: 'stalls', capacity: seats, held: 0, sold }], paymentTtlMs: 1_000 };
};

function order(
  { busyEvery = 0 }: FakeOptions,
  seen: Seen,
  state: State,
  { headers }: IncomingMessage,
  { ticketUserIds = [] }: Body,
  queue: boolean,
): Answer {
  state.calls += 1;
  if (busyEvery > 0 && state.calls % busyEvery === 0)
    return [503, { code: 'overloaded' }, { 'retry-after': '0' }];
  const key = String(headers['idempotency-key']);
  const tickets = ticketUserIds.length;
  const known = seen.byKey.get(key);
  if (known === undefined && state.free < tickets) return [409, { code: 'sold_out' }];
  const orderNumber = known ?? String(1_000_000 + seen.orders.size);
  if (known === undefined) {
    state.free -= tickets;
    seen.byKey.set(key, orderNumber);
    seen.orders.set(orderNumber, { tickets, status: queue ? 'queued' : 'awaiting_payment', polls: 0 });
  }
  if (queue) return [202, { orderNumber }, { 'retry-after': '0' }];
  return [201, { orderNumber, tickets: ticketUserIds }];
}

function orderStep(seen: Seen, state: State, url: string): Answer {
  const [, number = '', step = ''] = /(\d{5,})\/(\w+)$/.exec(url) ?? [];
  const found = seen.orders.get(number);
  if (found === undefined) return [404, { code: 'not_found' }];
  if (step === 'pay' && url.startsWith('/orders/')) {
    return [201, { payUrl: `http://somewhere.example/simulated-provider/charges/${number}` }];
  }
  if (step === 'pay') {
    found.status = 'paid';
    return [303, undefined, { location: '/' }];
  }
  if (step === 'cancel') {
    found.status = 'cancelled';
    state.free += found.tickets;
    return [200, { orderNumber: number, status: 'cancelled' }];
  }
  found.polls += 1;
  if (found.status === 'queued' && found.polls > 1) {
    // Every tenth was too late.
    const isRejected = Number(number) % 10 === 0;
    found.status = isRejected ? 'rejected' : 'awaiting_payment';
    if (isRejected) state.free += found.tickets;
  }
  const { status } = found;
  return [200, { status, ...(status === 'rejected' && { refusal: 'abandoned' }) }, { 'retry-after': '0' }];
}
