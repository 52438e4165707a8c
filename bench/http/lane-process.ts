/**
 * The server of the HTTP benchmark, in a process of its own: one order endpoint behind the lane that is
 * named, over a handler that does nothing. Says its port to its parent and ends with it.
 */
import { createServer } from 'node:http';
import { createHttp } from '../../src/api/http.ts';
import { createTokenVerifier } from '../../src/api/identity.ts';
import {
  isHotOrderEndpoint,
  type OrderPlaced,
  type OrdersDeps,
  ordersEndpoints,
} from '../../src/api/orders/index.ts';
import { listen } from '../../src/api/server.ts';
import { createSeatNames, layoutSchema } from '../../src/domain/sale/index.ts';
import { orderNumberSchema } from '../../src/domain/shared/ids.ts';
import { amountMinorSchema, currencySchema } from '../../src/domain/shared/money.ts';
import { serveParent } from '../support/forked.ts';
import type { LaneName, LaneStart } from './lane.ts';

/** More than a user of the benchmark sends, so that the limit is counted and never reached. */
const USER_WRITES_PER_SECOND = 100_000;

const layout = layoutSchema.parse([
  {
    kind: 'seated',
    id: 'hall',
    priceMinor: 100,
    sections: [{ name: 'Hall', rows: [{ rows: '1-10', seats: '1-40' }] }],
  },
]);
const hall = { terms: { currency: currencySchema.parse('CNY'), layout }, names: createSeatNames(layout) };
const answer: OrderPlaced = {
  kind: 'order_placed',
  orderNumber: orderNumberSchema.parse('1234567890123456789'),
  status: 'awaiting_payment',
  places: [[0, 123]],
  together: 'row',
  amountMinor: amountMinorSchema.parse(100),
  deadlineMs: 1_800_000_000_000,
};

const notMeasured = async (): Promise<never> => {
  throw new Error('Only placing orders is measured.');
};
const deps: OrdersDeps = {
  placeOrder: async () => ({ mode: 'v3', answer }),
  hallOf: async () => hall,
  statusOf: notMeasured,
  watchStatus: () => ({ [Symbol.asyncIterator]: () => ({ next: notMeasured }) }),
  orderOfBuyer: notMeasured,
  ordersOfBuyer: notMeasured,
  cancelOrder: notMeasured,
};

const listenerOf = (lane: Exclude<LaneName, 'bare'>, key: Uint8Array) =>
  createHttp({
    endpoints: ordersEndpoints(deps),
    isHot: (one) => lane !== 'express' && isHotOrderEndpoint(one),
    // One remembered token is forgotten before its user comes again.
    verifyToken: createTokenVerifier({ key, ...(lane === 'lean, new tokens' && { rememberedTokens: 1 }) }),
    bodyLimitBytes: 65_536,
    limits: { userWritesPerSecond: USER_WRITES_PER_SECOND },
    isUnavailable: () => false,
    logError: (error) => console.error(error),
  }).listener;

/**
 * What no server in Node can do without: take a body as JSON, answer with JSON of the same size as the
 * others.
 */
const startBare = async (): Promise<number> => {
  const { kind: _, places: __, ...order } = answer;
  const seat = { number: 123, section: 'Hall', row: '4', seat: '4' };
  const tickets = [{ ticketUserId: 'person-1', categoryId: 'hall', seat, priceMinor: 100 }];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      const body = JSON.stringify({ ...order, mode: 'v3', tickets, currency: 'CNY' });
      const length = Buffer.byteLength(body);
      response.writeHead(201, { 'content-type': 'application/json', 'content-length': length }).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

serveParent(async ({ lane, key }: LaneStart) => {
  if (lane === 'bare') return startBare();
  return (await listen(listenerOf(lane, Buffer.from(key, 'hex')), '127.0.0.1', 0)).port;
});
