/** A node of the engine as the commands see it: warm sales and accounts over a shared log, numbers of its own. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { SaleStream } from '../../../src/commands/dispatch/dispatch.ts';
import type { V4Deps } from '../../../src/commands/dispatch/v4.ts';
import { createOrderNumbers } from '../../../src/commands/order-numbers.ts';
import type { OrderRequest } from '../../../src/commands/place-order.ts';
import { createWarmStream } from '../../../src/commands/warm-stream.ts';
import { createWarmStreams, type WarmStreams } from '../../../src/commands/warm-streams.ts';
import {
  type AccountCommand,
  type AccountOutcome,
  type AccountState,
  accountDecider,
  accountStream,
} from '../../../src/domain/account/index.ts';
import { LANES, laneOf, laneStream, orderQueueDecider } from '../../../src/domain/order-queue/index.ts';
import {
  keepBatch,
  openBatch,
  type SaleCommand,
  type SaleEvent,
  type SaleOutcome,
  type SaleState,
  saleDecider,
  saleStream,
  undoBatch,
} from '../../../src/domain/sale/index.ts';
import {
  categoryIdSchema,
  idDocumentHashSchema,
  type ProgramId,
  programIdSchema,
  requestIdSchema,
  ticketUserIdSchema,
  type UserId,
  userIdSchema,
} from '../../../src/domain/shared/ids.ts';
import { ORDER_EPOCH_MS } from '../../../src/domain/shared/order-number.ts';
import { ciphertextSchema, personKeyIdSchema } from '../../../src/domain/shared/personal-data.ts';
import { createTicketUsers } from '../../../src/engine/ticket-users.ts';
import { accountCodec, orderQueueCodec, saleCodec } from '../../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../../src/eventstore/index.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { terms } from '../../domain/sale/fixtures.ts';
import { type Devstore, startDevstore } from '../../support/devstore-process.ts';

const DAY_MS = 86_400_000;
export const QUEUE_TTL_MS = 60_000;
const STALLS = categoryIdSchema.parse('stalls');
const PEOPLE_PER_BUYER = 4;

export type Node = {
  readonly deps: V4Deps;
  readonly sales: WarmStreams<ProgramId, SaleCommand, SaleState, SaleOutcome>;
  /** Read when it is used, as v1 wants it. */
  readonly freshSale: (programId: ProgramId) => SaleStream;
  readonly accounts: WarmStreams<UserId, AccountCommand, AccountState, AccountOutcome>;
};

export type TwoNodes = {
  readonly devstore: Devstore;
  readonly store: EventStore;
  readonly nodes: readonly [Node, Node];
};

/** Two nodes over one event store. Call it once at the top of a test file. */
export function useTwoNodes(): TwoNodes {
  let running: TwoNodes | undefined;
  beforeAll(async () => {
    const devstore = await startDevstore();
    const store = openEventStore({ connectionString: devstore.url });
    running = { devstore, store, nodes: [createNode(store, 1), createNode(store, 2)] };
  });
  afterAll(async () => {
    await running?.store.close();
    await running?.devstore.close();
  });
  const started = (): TwoNodes => {
    if (running === undefined) throw new Error('The nodes of this file have not been started yet.');
    return running;
  };
  return {
    get devstore() {
      return started().devstore;
    },
    get store() {
      return started().store;
    },
    get nodes() {
      return started().nodes;
    },
  };
}

export async function saleEventsOf(store: EventStore, programId: ProgramId): Promise<SaleEvent[]> {
  const events: SaleEvent[] = [];
  for await (const page of createStreamLog(store, saleCodec).read(saleStream(programId), 0n)) {
    events.push(...page.map(({ event }) => event));
  }
  return events;
}

export async function placedOrdersOf(
  store: EventStore,
  programId: ProgramId,
): Promise<Extract<SaleEvent, { type: 'OrderPlaced' }>['data'][]> {
  const events = await saleEventsOf(store, programId);
  return events.flatMap((event) => (event.type === 'OrderPlaced' ? [event.data] : []));
}

export const newBuyers = (node: Node, count: number): Promise<UserId[]> =>
  Promise.all(Array.from({ length: count }, () => openAccount(node, randomUUID())));

export const causedBy = (commandId: string) => ({ commandId, correlationId: commandId, actor: 'test' });

/** `workerId` keeps the order numbers of two nodes apart. */
export function createNode(store: EventStore, workerId: number): Node {
  const sale = {
    decider: saleDecider,
    log: createStreamLog(store, saleCodec),
    batches: { open: openBatch, keep: keepBatch, undo: undoBatch },
  };
  const sales = createWarmStreams({ ...sale, streamOf: saleStream, maxWarm: 10 });
  const accounts = createWarmStreams({
    streamOf: accountStream,
    decider: accountDecider,
    log: createStreamLog(store, accountCodec),
    maxWarm: 1_000,
  });
  const lanes = createWarmStreams({
    streamOf: laneStream,
    decider: orderQueueDecider,
    log: createStreamLog(store, orderQueueCodec),
    maxWarm: LANES,
  });
  const deps: V4Deps = {
    lane: (programId) => lanes.of(laneOf(programId)),
    queueTtlMs: QUEUE_TTL_MS,
    // What the gate does without Redis: everything passes.
    gate: {
      pass: async () => ({ kind: 'passed', giveBack: async () => undefined, confirm: async () => undefined }),
    },
    numbers: createOrderNumbers({ workerId, fromMs: ORDER_EPOCH_MS, untilMs: Date.now() + DAY_MS }),
    sale: sales.of,
    ticketUsersOf: createTicketUsers({
      log: createStreamLog(store, accountCodec),
      store,
      nowMs: Date.now,
    }).of,
    offerOf: async (programId) => {
      const sale = sales.of(programId);
      const known = sale.peek();
      return (known && offerIn(known)) ?? sale.ask(offerIn);
    },
    nowMs: Date.now,
  };
  const freshSale = (programId: ProgramId): SaleStream =>
    createWarmStream({ ...sale, stream: saleStream(programId) });
  return { deps, sales, accounts, freshSale };
}

const offerIn = ({ book }: SaleState) =>
  book && { terms: book.terms, seatCount: book.seating.plan.seatCount };

/** A hall of `rows` rows of ten seats, on sale since yesterday. */
export async function startSale(node: Node, name: string, rows: number, limits: object): Promise<ProgramId> {
  const programId = programIdSchema.parse(name);
  const hall = [{ rows: `1-${rows}`, seats: '1-10' }];
  const outcome = await node.sales.of(programId).submit(
    {
      type: 'StartSale',
      terms: terms({
        programId,
        layout: [{ kind: 'seated', id: STALLS, priceMinor: 500, sections: [{ name: 'Hall', rows: hall }] }],
        limits,
        opensAtMs: Date.now() - DAY_MS,
        closesAtMs: Date.now() + DAY_MS,
      }),
    },
    causedBy(`start ${name}`),
  );
  if (outcome.kind !== 'sale_started') throw new Error(JSON.stringify(outcome));
  return programId;
}

export const personOf = (buyer: string, nth: number) => ticketUserIdSchema.parse(`${buyer}-person-${nth}`);

/** A buyer with four people to make tickets out to. */
export async function openAccount(node: Node, name: string): Promise<UserId> {
  const user = userIdSchema.parse(name);
  for (let nth = 0; nth < PEOPLE_PER_BUYER; nth++) {
    const sealed = ciphertextSchema.parse(`pd1.${'A'.repeat(80)}`);
    const outcome = await node.accounts.of(user).submit(
      {
        type: 'AddTicketUser',
        user,
        ticketUser: personOf(name, nth),
        nowMs: Date.now(),
        idType: 5,
        name: sealed,
        idNumber: sealed,
        personKey: personKeyIdSchema.parse(`key-${name}-${nth}`),
        idDocument: idDocumentHashSchema.parse(digestOf(`${name}-${nth}`)),
      },
      causedBy(`add ${name} ${nth}`),
    );
    if (outcome.kind !== 'added') throw new Error(JSON.stringify(outcome));
  }
  return user;
}

export function orderRequest(programId: ProgramId, buyer: UserId, count: number, key: string): OrderRequest {
  return {
    programId,
    buyer,
    requestId: requestIdSchema.parse(digestOf(`${buyer} ${key}`)),
    ticketUsers: Array.from({ length: count }, (_, nth) => personOf(buyer, nth)),
    want: { by: 'category', category: STALLS, count },
  };
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
