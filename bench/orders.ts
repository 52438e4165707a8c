/**
 * What an order costs from command to durable event: v3 and v4 against one batched append to the same store as the
 * floor, all in one run. HTTP and the gate are not in it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Delivery, decideQueued } from '../src/commands/dispatch/sequencer.ts';
import { dispatchV3 } from '../src/commands/dispatch/v3.ts';
import { dispatchV4 } from '../src/commands/dispatch/v4.ts';
import type { OrderRequest } from '../src/commands/place-order.ts';
import { laneOf, laneStream } from '../src/domain/order-queue/index.ts';
import {
  idDocumentHashSchema,
  type ProgramId,
  requestIdSchema,
  ticketUserIdSchema,
  userIdSchema,
} from '../src/domain/shared/ids.ts';
import { orderQueueCodec } from '../src/event-catalogue.ts';
import { encodeEvents, openEventStore, streamName } from '../src/eventstore/index.ts';
import { createStreamLog } from '../src/eventstore/stream-log.ts';
import { causedBy, createNode, type Node, orderRequest, startSale } from '../test/commands/dispatch/node.ts';
import { type Benchmark, UsageError } from './benchmark.ts';
import { openServer } from './eventstore/server.ts';
import { ownCpuMs } from './support/cpu.ts';
import { floorCodec, floorEvent } from './support/floor-event.ts';
import { median } from './support/statistics.ts';
import { cell, formatTable } from './support/table.ts';

const FOLDER = join('.data', 'bench');
const SEATS_PER_ROW = 10;
const MICROS_PER_MS = 1_000;
const MS_PER_SECOND = 1_000;
const ROUNDS = 3;

type Figures = { readonly perSecond: number; readonly clientMicros: number };
type Case = { readonly name: string; readonly run: () => Promise<Figures> };

const run: Benchmark['run'] = async (args, signal) => {
  const options = {
    orders: { type: 'string', default: '5000' },
    'in-flight': { type: 'string', default: '500' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [orders, inFlight] = [Number(values.orders), Number(values['in-flight'])];
  if (!(orders > 0 && inFlight > 0))
    throw new UsageError('--orders and --in-flight are whole numbers, 1 or more.');
  const server = await openServer({ url: undefined, folder: FOLDER, profileFolder: undefined });
  const store = openEventStore({ connectionString: server.url });
  try {
    const bench = createBench(createNode(store, 1), orders, inFlight);
    const cases: Case[] = [
      { name: 'floor: one append of 500-byte events for all in flight', run: () => bench.floor(store) },
      { name: 'v3: order placed', run: bench.v3 },
      { name: 'v4: order queued', run: bench.v4 },
      { name: 'v4: queued order decided', run: () => bench.sequence(store) },
    ];
    const figures = new Map<string, Figures[]>(cases.map(({ name }) => [name, []]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const { name, run: once } of cases) {
        signal.throwIfAborted();
        figures.get(name)?.push(await once());
      }
    }
    process.stdout.write(`${report(figures)}\n`);
  } finally {
    await store.close();
    await server.close();
  }
};

export const orders: Benchmark = {
  name: 'orders',
  summary: 'orders from command to durable event, v3 and v4, against the floor of the same store',
  usage: ['--orders N      orders a round (5000)', '--in-flight N   orders asked for at a time (500)'],
  run,
};

const report = (figures: ReadonlyMap<string, readonly Figures[]>): string => {
  const medians = [...figures].map(([name, rounds]) => ({
    name,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    clientMicros: median(rounds.map(({ clientMicros }) => clientMicros)),
  }));
  const floor = medians[0]?.perSecond ?? Number.NaN;
  const rows = medians.map(({ name, perSecond, clientMicros }) => [
    name,
    cell(perSecond),
    cell(perSecond / floor, 2),
    cell(clientMicros),
  ]);
  return formatTable(
    [`median of ${ROUNDS} rounds`, 'per second', 'of the floor', 'engine CPU, µs each'],
    rows,
  );
};

const createBench = (node: Node, orders: number, inFlight: number) => {
  // Whose people they are is another aggregate's matter and would measure reads: here everybody is known.
  const deps = {
    ...node.deps,
    ticketUsersOf: async (request: OrderRequest) => request.ticketUsers.map(documented),
  };
  const rows = Math.ceil(orders / SEATS_PER_ROW);
  const newSale = () => startSale(node, `bench-${randomUUID()}`, rows, { perOrder: 4, perBuyer: 4 });
  const requests = (programId: ProgramId) =>
    Array.from({ length: orders }, (_, index) => {
      const buyer = userIdSchema.parse(`buyer-${index}`);
      return {
        ...orderRequest(programId, buyer, 1, 'one'),
        requestId: requestIdSchema.parse(digest(`${programId}${index}`)),
      };
    });
  let queuedIn: ProgramId | undefined;

  const timed = async (count: number, work: () => Promise<void>): Promise<Figures> => {
    const [cpuMs, startMs] = [ownCpuMs(), performance.now()];
    await work();
    const tookMs = performance.now() - startMs;
    return {
      perSecond: (count / tookMs) * MS_PER_SECOND,
      clientMicros: ((ownCpuMs() - cpuMs) / count) * MICROS_PER_MS,
    };
  };

  /** Always `inFlight` at a time, as so many connections would. */
  const stampede = async (
    all: readonly OrderRequest[],
    place: (request: OrderRequest) => Promise<unknown>,
  ) => {
    let next = 0;
    const connection = async (): Promise<void> => {
      for (let request = all[next++]; request !== undefined; request = all[next++]) await place(request);
    };
    await Promise.all(Array.from({ length: inFlight }, connection));
  };

  return {
    v3: async () => {
      const all = requests(await newSale());
      return timed(orders, () =>
        stampede(all, (request) => dispatchV3(deps, request, causedBy(request.requestId))),
      );
    },
    v4: async () => {
      queuedIn = await newSale();
      const all = requests(queuedIn);
      return timed(orders, () =>
        stampede(all, (request) => dispatchV4(deps, request, causedBy(request.requestId))),
      );
    },
    sequence: async (store: Parameters<typeof createStreamLog>[0]) => {
      if (queuedIn === undefined) throw new Error('Nothing is queued yet.');
      const deliveries = await deliveriesOf(store, queuedIn);
      return timed(deliveries.length, async () => {
        for (let from = 0; from < deliveries.length; from += inFlight) {
          const batch = deliveries.slice(from, from + inFlight);
          await decideQueued({ sale: deps.sale, nowMs: Date.now, sleep: async () => undefined }, batch);
        }
      });
    },
    floor: (store: ReturnType<typeof openEventStore>) =>
      timed(orders, async () => {
        const stream = streamName('Floor', randomUUID());
        for (let from = 0; from < orders; from += inFlight) {
          const count = Math.min(inFlight, orders - from);
          const events = new Array<typeof floorEvent>(count).fill(floorEvent);
          const context = { causationId: `${from}`, correlationId: stream, actor: 'bench' };
          const expected = from === 0 ? 'no_stream' : BigInt(from - 1);
          await store.append(stream, expected, encodeEvents(floorCodec, stream, events, context));
        }
      }),
  };
};

const deliveriesOf = async (
  store: Parameters<typeof createStreamLog>[0],
  programId: ProgramId,
): Promise<Delivery[]> => {
  const lane = laneOf(programId);
  const deliveries: Delivery[] = [];
  for await (const page of createStreamLog(store, orderQueueCodec).read(laneStream(lane), 0n)) {
    for (const { event, revision } of page) {
      if (event.data.programId !== programId) continue;
      deliveries.push({ lane, revision, order: event.data, correlationId: 'bench' });
    }
  }
  return deliveries;
};

const documented = (ticketUser: string) => ({
  ticketUser: ticketUserIdSchema.parse(ticketUser),
  idDocument: idDocumentHashSchema.parse(digest(ticketUser)),
});

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
