/**
 * The floor: the least that an order behind a gate and in a log can cost in Node. One body parsed, one script in
 * Redis, its share of one append, one answer; nobody asks who the buyer is, and nothing is decided.
 */

import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { encodeEvents, openEventStore, streamName } from '../../src/eventstore/index.ts';
import { openRedis } from '../../src/redis.ts';
import { floorCodec, floorEvent } from '../support/floor-event.ts';
import { serveParent } from '../support/forked.ts';
import { PRICE_MINOR } from './seller.ts';
import { type FloorStart, newSaleSchema } from './starts.ts';

const TAKE_ONE = `
  local left = tonumber(redis.call('GET', KEYS[1]) or 0)
  if left < 1 then return -1 end
  return redis.call('DECR', KEYS[1])`;
/** As the engine has it: a batch stays below what servers take. */
const MAX_BATCH_EVENTS = 500;

type Body = { readonly programId: string; readonly ticketUserIds: readonly string[] };
type Redis = ReturnType<typeof openRedis>['client'];

/** Whoever comes while an append is under way is in the next one. */
const createBatches = (store: Pick<ReturnType<typeof openEventStore>, 'append'>) => {
  type Waiting = { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  const stream = streamName('Floor', randomUUID());
  const waiting: Waiting[] = [];
  let length = 0n;
  let isAppending = false;
  const appendAll = async (): Promise<void> => {
    isAppending = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH_EVENTS);
      const events = new Array<typeof floorEvent>(batch.length).fill(floorEvent);
      const context = { causationId: `${length}`, correlationId: stream, actor: 'bench' };
      const expected = length === 0n ? 'no_stream' : length - 1n;
      try {
        await store.append(stream, expected, encodeEvents(floorCodec, stream, events, context));
        length += BigInt(batch.length);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isAppending = false;
  };
  return (): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      if (!isAppending) void appendAll();
    });
};

const read = (request: IncomingMessage): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    request.on('error', reject);
  });

const answer = (response: ServerResponse, status: number, value: object): void => {
  const body = JSON.stringify(value);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
};

type Floor = { readonly redis: Redis; readonly script: string; readonly append: () => Promise<void> };

const serve = async (
  { redis, script, append }: Floor,
  request: IncomingMessage,
  response: ServerResponse,
) => {
  const body = await read(request);
  if (request.url === '/programs') {
    const { programId, seats } = newSaleSchema.parse(body);
    await redis.set(programId, seats);
    return answer(response, 201, { programId });
  }
  const { programId, ticketUserIds } = body as Body;
  const left = Number(await redis.evalsha(script, 1, programId));
  if (left < 0) return answer(response, 409, { code: 'sold_out' });
  await append();
  const tickets = ticketUserIds.map((ticketUserId) => ({
    ticketUserId,
    seat: left,
    priceMinor: PRICE_MINOR,
  }));
  return answer(response, 201, { orderNumber: `${left}`, status: 'awaiting_payment', tickets });
};

serveParent<FloorStart>(async ({ redisUrl, eventStoreUrl }) => {
  const { client: redis, ping } = openRedis(redisUrl, (error) => console.error(error));
  await ping();
  const script = String(await redis.script('LOAD', TAKE_ONE));
  const floor = { redis, script, append: createBatches(openEventStore({ connectionString: eventStoreUrl })) };
  const server = createServer((request, response) => {
    serve(floor, request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
});
