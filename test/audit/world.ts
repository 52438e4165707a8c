/** Sales, queue and payments played by real commands into a real log, the index beside it, and audits of both. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { OrderAudit } from '../../src/audit/answers.ts';
import { type Delivery, decideQueued } from '../../src/commands/dispatch/sequencer.ts';
import { dispatchV4 } from '../../src/commands/dispatch/v4.ts';
import { paymentNumberOf } from '../../src/commands/payment-number.ts';
import { laneOf, laneStream } from '../../src/domain/order-queue/index.ts';
import type { PaymentCommand } from '../../src/domain/payment/index.ts';
import type { SaleCommand, SaleOutcome } from '../../src/domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId, UserId } from '../../src/domain/shared/ids.ts';
import { type Audit, createAudit } from '../../src/engine/audit.ts';
import { openStreams, type Streams } from '../../src/engine/streams.ts';
import { engineCodec, orderQueueCodec } from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { systemTiming } from '../../src/eventstore/timing.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createSnapshotStore } from '../../src/postgres/snapshots.ts';
import { ensureCheckpoints } from '../../src/projections/checkpoint.ts';
import type { Db } from '../../src/projections/database.ts';
import { createProjections } from '../../src/projections/registry.ts';
import { createNode, type Node, openAccount, orderRequest, startSale } from '../commands/dispatch/node.ts';
import { cny as CNY, charge, refundId } from '../domain/payment/fixtures.ts';
import { idOf } from '../domain/sale/fixtures.ts';
import { applyInBatches, type Told } from '../projections/read-models.ts';
import { because } from '../support/selling.ts';
import { useStores } from '../support/stores.ts';

export type World = {
  readonly store: EventStore;
  readonly db: Db;
  readonly node: Node;
  readonly streams: Streams;
  /** With the index. */
  readonly audit: Audit;
  readonly logOnly: Audit;
  readonly sale: (programId: ProgramId, command: SaleCommand) => Promise<SaleOutcome>;
  readonly payment: (paymentNumber: PaymentNumber, command: PaymentCommand) => Promise<void>;
  /** Brings the read models up to the end of the log. */
  readonly project: () => Promise<void>;
  /** Decides what waits in the lane of a program. */
  readonly sequence: (programId: ProgramId) => Promise<void>;
};

/** Call it once at the top of a test file. */
export function useWorld(): { readonly world: World; readonly urls: ReturnType<typeof useStores> } {
  const urls = useStores();
  let postgres: Postgres | undefined;
  let store: EventStore | undefined;
  let world: World | undefined;
  beforeAll(async () => {
    postgres = openPostgres({ url: urls.postgresUrl, max: 5, onError: () => undefined });
    await migrate(postgres.db);
    store = openEventStore({ connectionString: urls.eventStoreUrl });
    world = createWorld(store, postgres.db);
  });
  afterAll(async () => {
    await store?.close();
    await postgres?.close();
  });
  return {
    urls,
    get world() {
      if (world === undefined) throw new Error('The world of this file is not there yet.');
      return world;
    },
  };
}

const createWorld = (store: EventStore, db: Db): World => {
  const node = createNode(store, 1);
  const streams = openStreams(store, createSnapshotStore(db));
  const common = { eventStore: store, masterKeys: undefined, nowMs: Date.now };
  return {
    store,
    db,
    node,
    streams,
    audit: createAudit({ ...common, db }),
    logOnly: createAudit({ ...common, db, useIndex: false }),
    sale: (programId, command) => streams.sales.of(programId).submit(command, because('a command')),
    payment: async (paymentNumber, command) => {
      const outcome = await streams.payments.of(paymentNumber).submit(command, because('a callback'));
      if (outcome.kind === 'refused') throw new Error(outcome.code);
    },
    project: createProjector(store, db),
    sequence: (programId) => sequence(store, streams, programId),
  };
};

const createProjector = (store: EventStore, db: Db): (() => Promise<void>) => {
  let after = -1n;
  return async () => {
    const told: Told[] = [];
    for (let page = await store.readAllPage(); page.length > 1; ) {
      for (const stored of page) {
        if (stored.position <= after) continue;
        after = stored.position;
        const decoded = engineCodec.decode(stored);
        if (decoded.kind === 'event') told.push(decoded.event);
      }
      page = await store.readAllPage({ from: after });
    }
    if (told.length > 0) await applyInBatches(db, [told]);
    await ensureCheckpoints(db, createProjections());
    await db.updateTable('projection').set({ position: after }).execute();
  };
};

const sequence = async (store: EventStore, streams: Streams, programId: ProgramId): Promise<void> => {
  const lane = laneOf(programId);
  const batch: Delivery[] = [];
  for await (const page of createStreamLog(store, orderQueueCodec).read(laneStream(lane), 0n)) {
    for (const { event, revision } of page) {
      if (event.data.programId === programId) {
        batch.push({ lane, revision, order: event.data, correlationId: 'queued' });
      }
    }
  }
  const deps = { sale: streams.sales.of, nowMs: Date.now, sleep: systemTiming.sleep };
  await decideQueued(deps, batch);
};

export type Story = {
  readonly programId: ProgramId;
  readonly buyer: UserId;
  readonly orderNumber: OrderNumber;
  readonly paymentNumber: PaymentNumber;
  readonly amountMinor: ReturnType<typeof idOf.money>;
};

export const newSale = ({ node }: World, rows = 2): Promise<ProgramId> =>
  startSale(node, `hall-${randomUUID()}`, rows, { perOrder: 4, perBuyer: 6 });

export const newBuyer = ({ node }: World): Promise<UserId> => openAccount(node, randomUUID());

/** An order of two tickets of 5.00 each, in v4's queue and decided. */
export const queuedOrder = async (world: World, programId: ProgramId, buyer: UserId, key = 'one') => {
  const answer = await dispatchV4(world.node.deps, orderRequest(programId, buyer, 2, key), because(key));
  if (answer.kind !== 'order_queued') throw new Error(answer.code);
  return answer.orderNumber;
};

/** A placed order of these seats, or of any two. */
export const placedOrder = async (
  world: World,
  programId: ProgramId,
  buyer: UserId,
  change: Partial<Extract<SaleCommand, { type: 'PlaceOrder' }>> = {},
): Promise<Story> => {
  const orderNumber = world.node.deps.numbers.order(buyer, Date.now());
  const request = orderRequest(programId, buyer, 2, orderNumber);
  const ticketUsers = change.ticketUsers ?? (await world.node.deps.ticketUsersOf(request));
  if (ticketUsers === undefined) throw new Error('The buyer has people.');
  const { requestId, want } = request;
  const outcome = await world.sale(programId, {
    ...{ type: 'PlaceOrder', nowMs: Date.now(), orderNumber, buyer, requestId, ticketUsers, want },
    ...change,
  });
  if (outcome.kind !== 'order_placed') throw new Error(JSON.stringify(outcome));
  return {
    ...{ programId, buyer, orderNumber, paymentNumber: paymentNumberOf(orderNumber, 1) },
    amountMinor: idOf.money(1_000),
  };
};

export const requestPayment = (world: World, story: Story): Promise<void> =>
  world.payment(story.paymentNumber, {
    ...{ type: 'RequestPayment', nowMs: Date.now(), currency: CNY, provider: 'simulated' },
    ...story,
  });

export const capture = async (world: World, { paymentNumber, amountMinor }: Story): Promise<void> =>
  world.payment(paymentNumber, {
    ...{ type: 'RecordCapture', paymentNumber, nowMs: Date.now(), amountMinor, currency: CNY },
    providerReference: charge(`ch_${paymentNumber}`),
  });

export const confirm = ({ sale }: World, { programId, orderNumber, paymentNumber, amountMinor }: Story) =>
  sale(programId, { type: 'ConfirmPayment', orderNumber, paymentNumber, amountMinor });

/** Paid and issued. */
export const sell = async (world: World, story: Story): Promise<void> => {
  await requestPayment(world, story);
  await capture(world, story);
  await confirm(world, story);
  await world.sale(story.programId, { type: 'IssueTickets', orderNumber: story.orderNumber });
};

export const refund = async (
  world: World,
  { paymentNumber }: Story,
  amountMinor: Story['amountMinor'],
  reason: 'operator' | 'order_ended' = 'operator',
): Promise<void> => {
  const common = { paymentNumber, nowMs: Date.now(), refundId: refundId(`r-${amountMinor}`) };
  await world.payment(paymentNumber, { ...common, type: 'RequestRefund', amountMinor, reason });
  await world.payment(paymentNumber, {
    ...common,
    type: 'RecordRefundCompleted',
    amountMinor,
    currency: CNY,
  });
};

/** The same question asked in every way there is; all but the way must be equal. */
export const auditEveryWay = async (
  world: World,
  orderNumber: OrderNumber,
  programId: ProgramId,
): Promise<{ readonly audits: readonly Omit<OrderAudit, 'found'>[]; readonly ways: readonly string[] }> => {
  const question = { orderNumber, unmasked: false };
  const answers = [
    await world.audit.order(question, {}),
    await world.logOnly.order({ ...question, programId }, {}),
    await world.logOnly.order(question, {}),
  ].map((answer) => {
    if (answer.kind !== 'order') throw new Error(answer.code);
    return answer.audit;
  });
  return {
    audits: answers.map(({ found: _, ...audit }) => audit),
    ways: answers.map(({ found }) => found.by),
  };
};
