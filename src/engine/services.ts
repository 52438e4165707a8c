/**
 * What every role of the engine stands on: streams, the gate, order numbers, people, the payment provider, and what is
 * remembered of sales and orders. Built once, over clients that are open.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { chargePageUrl } from '../api/simulated-provider.ts';
import { openOrderNumbers } from '../commands/order-numbers.ts';
import type { OrderRequest } from '../commands/place-order.ts';
import type { Config } from '../config.ts';
import { type SaleEvent, type SaleTerms, saleStream } from '../domain/sale/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { accountCodec, saleCodec } from '../event-catalogue.ts';
import type { EventStore } from '../eventstore/index.ts';
import { createStreamLog, type StreamLog } from '../eventstore/stream-log.ts';
import { createGate, createOrderGate } from '../gate/index.ts';
import type { Releasers } from '../lifecycle.ts';
import { createOrderStatuses, type OrderStatuses } from '../live/order-statuses.ts';
import { createLocks } from '../locks.ts';
import { createSimulatedProvider, SIMULATED } from '../payments/simulated/index.ts';
import { createPersonKeys } from '../postgres/person-keys.ts';
import { createSnapshotStore } from '../postgres/snapshots.ts';
import { createWorkerLeases } from '../postgres/worker-leases.ts';
import { createPeople } from '../privacy/index.ts';
import type { Db } from '../projections/database.ts';
import { decidedAmong, orderOfBuyer, programOfOrder } from '../projections/orders/index.ts';
import { dispatchSplitOf } from '../projections/programs/index.ts';
import type { Secrets } from '../secrets.ts';
import { signingKeyOf } from '../signing.ts';
import type { Logger } from '../telemetry/log.ts';
import { createOrderMeasures } from '../telemetry/order-measures.ts';
import { createAuditWorker } from './audit-worker.ts';
import { createModeOf } from './dispatch-settings.ts';
import { createHalls } from './halls.ts';
import { createOrderLookup, type OrderLookup } from './order-lookup.ts';
import { type Answer, createPlaceOrder } from './ordering.ts';
import { createUntilReadable } from './readable.ts';
import { openStreams } from './streams.ts';
import { createTicketUsers } from './ticket-users.ts';

export type Clients = { readonly eventStore: EventStore; readonly db: Db; readonly redis: Redis };

export type ServicesOptions = {
  readonly config: Config;
  /** `none`: nothing can be paid. */
  readonly paymentProvider: 'simulated' | 'none';
  readonly secrets: Secrets;
  readonly clients: Clients;
  /** Where the API is reached: by buyers, and by the engine itself. */
  readonly urls: { readonly public: string; readonly own: string };
  /** For work in threads, which cannot share a client. */
  readonly eventStoreUrl: string;
  readonly log: Logger;
  readonly releasers: Releasers;
};

export type Services = Awaited<ReturnType<typeof openServices>>;

/** Resolves early, and never rejects, when the signal fires. */
export const sleep = (delayMs: number, signal?: AbortSignal): Promise<void> =>
  delay(delayMs, undefined, { signal }).catch(() => undefined);

/** Does not wait for any store. */
export async function openServices(options: ServicesOptions) {
  const { config, secrets, clients, urls, log, releasers } = options;
  const { eventStore, db, redis } = clients;
  const nowMs = Date.now;
  /** Names this process, and no other one, nor itself after a restart. */
  const holder = randomUUID();
  const onTrouble = (error: Error) => log.warn({ err: error }, 'Redis has trouble.');
  const snapshots = createSnapshotStore(db);
  const streams = openStreams(eventStore, snapshots);
  const accountLog = createStreamLog(eventStore, accountCodec);
  const saleLog = createStreamLog(eventStore, saleCodec);
  const halls = createHalls(termsFrom(saleLog), nowMs);
  const numbers = openOrderNumbers({ leases: createWorkerLeases(db, holder), nowMs, sleep });
  await releasers.add('the order numbers', numbers.stop);
  const untilReadable = createUntilReadable({
    decidedAmong: (orders) => decidedAmong(db, orders),
    waitMs: config.readableWaitMs,
    nowMs,
    sleep,
  });
  const statuses = createOrderStatuses({ client: redis, onTrouble });
  const lookup = createOrderLookup({
    live: statuses,
    stored: (orderNumber, buyer) => orderOfBuyer(db, orderNumber, buyer),
    storedProgram: (orderNumber) => programOfOrder(db, orderNumber),
    untilReadable,
    sleep,
    nowMs,
  });
  const { masterKeys, idDocumentKey: idHashKey } = secrets;
  const gate = createGate({ client: redis, nowMs, onTrouble });
  const locks = createLocks(redis, config.lockWaitMs);
  const ticketUsers = createTicketUsers({ log: accountLog, store: eventStore, nowMs });
  await releasers.add('the ticket users', ticketUsers.stop);
  const orderMeasures = createOrderMeasures(nowMs);
  const placeOrder = createPlaceOrder({
    gate: createOrderGate(gate, { termsOf: async (programId) => (await halls.of(programId))?.terms }),
    locks,
    numbers,
    sale: streams.sales.of,
    freshSale: streams.freshSale,
    lane: streams.lane,
    queueTtlMs: config.queueTtlMs,
    untilReadable,
    ticketUsersOf: ticketUsers.of,
    offerOf: async (programId) => {
      const hall = await halls.of(programId);
      return hall && { terms: hall.terms, seatCount: hall.names.seatCount };
    },
    modeOf: createModeOf((programId) => dispatchSplitOf(db, programId), config.dispatchMode),
    onTaken: (request, answer) => rememberTaken({ lookup, statuses }, request, answer),
    measure: orderMeasures.record,
    nowMs,
  });
  const auditWorker = createAuditWorker({
    eventStoreUrl: options.eventStoreUrl,
    auditKey: secrets.auditKey,
    onRun: (run) => log.info(run, 'An audit has run in a thread of its own.'),
  });
  await releasers.add('the audit worker', auditWorker.close);
  const owed = createBell();
  const simulated = createSimulatedProvider({
    db,
    key: secrets.callbackKey,
    callbackUrl: () => `${urls.own}/payments/callbacks/${SIMULATED}`,
    payUrlOf: (chargeId) => chargePageUrl(urls.public, chargeId),
    onOwed: owed.ring,
    nowMs,
  });
  const provider = options.paymentProvider === 'simulated' ? simulated : undefined;
  return {
    config,
    log,
    clients,
    holder,
    nowMs,
    snapshots,
    streams,
    accountLog,
    saleLog,
    halls,
    numbers,
    untilReadable,
    statuses,
    lookup,
    gate,
    ticketUsers,
    placeOrder,
    orderMeasures,
    masterKeys,
    auditWorker,
    people: createPeople({ masterKeys, personKeys: createPersonKeys(db), idHashKey }),
    /** Undefined where nothing can be paid. */
    provider,
    /** Undefined for a name that no provider here has. */
    providerOf: (name: string) => (name === provider?.name ? provider : undefined),
    /** What commands over programs and their sales take. */
    programDeps: { program: streams.programs.of, plan: streams.plans.of, sale: streams.sales.of, nowMs },
    /** Rings when the simulated provider has something to deliver. */
    owed,
    tokenKey: secrets.tokenKey,
    ticketKey: signingKeyOf(secrets.ticketKey),
  };
}

/** So that whoever asks for the order right after the answer finds it. */
const rememberTaken = async (
  { lookup, statuses }: { readonly lookup: OrderLookup; readonly statuses: OrderStatuses },
  { programId, buyer }: OrderRequest,
  answer: Answer,
): Promise<void> => {
  if (answer.kind === 'refused') return;
  const { orderNumber, deadlineMs } = answer;
  const common = { orderNumber, programId, buyer, deadlineMs };
  if (answer.kind === 'order_queued') {
    lookup.remember({ ...common, status: 'queued' });
    await statuses.markQueued(common);
  } else if (answer.status === 'awaiting_payment') {
    lookup.remember({ ...common, status: answer.status });
  }
};

/** The terms are in the first event of a sale. */
const termsFrom =
  (log: StreamLog<SaleEvent>) =>
  async (programId: ProgramId): Promise<SaleTerms | undefined> => {
    for await (const page of log.read(saleStream(programId), 0n)) {
      const first = page[0]?.event;
      return first?.type === 'SaleStarted' ? first.data : undefined;
    }
    return undefined;
  };

/** Wakes whoever waits for work. */
const createBell = () => {
  let waiting = new AbortController();
  return {
    ring: (): void => waiting.abort(),
    /** Resolves when it rings, or after so many ms. */
    heard: async (withinMs: number): Promise<void> => {
      await sleep(withinMs, waiting.signal);
      waiting = new AbortController();
    },
  };
};
