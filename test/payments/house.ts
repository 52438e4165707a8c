/**
 * Everything between an order and its tickets, on real stores and over real HTTP: the endpoints, the
 * processes with their checkpoints, and the simulated provider, each of which a test may stop and start
 * again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { type PaymentEndpointsDeps, paymentEndpoints } from '../../src/api/payments.ts';
import { chargePageUrl, simulatedProviderEndpoints } from '../../src/api/simulated-provider.ts';
import { payOrder } from '../../src/commands/pay-order.ts';
import { refundOrder } from '../../src/commands/refund-order.ts';
import { takeCallback } from '../../src/commands/take-callback.ts';
import { paymentStream } from '../../src/domain/payment/index.ts';
import { type SaleCommand, type SaleEvent, saleStream } from '../../src/domain/sale/index.ts';
import type { OrderNumber, PaymentNumber, ProgramId, UserId } from '../../src/domain/shared/ids.ts';
import { openStreams, type Streams } from '../../src/engine/streams.ts';
import { engineCodec, paymentCodec, saleCodec, streamPrefixes } from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { logSource } from '../../src/eventstore/log-source.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { systemTiming } from '../../src/eventstore/timing.ts';
import { createRefundRetries } from '../../src/payments/refund-retries.ts';
import { SIGNATURE_HEADER, signCallback } from '../../src/payments/signature.ts';
import {
  createSimulatedProvider,
  type SimulatedProvider,
  type SimulatedProviderDeps,
} from '../../src/payments/simulated/index.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createSnapshotStore } from '../../src/postgres/snapshots.ts';
import { createIssuingProcess } from '../../src/processes/issuing/index.ts';
import { createPaymentProcess, retryDueRefunds } from '../../src/processes/payment/index.ts';
import { type RunningProcess, startProcess } from '../../src/processes/runner.ts';
import { bearer, type LaneServer, startLane } from '../api/lanes.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';

const EVERY_MS = 20;
export const CALLBACK_KEY = { bytes: new Uint8Array(32).fill(9) };
const QUICK = { firstDelayMs: 10, maxDelayMs: 20, maxAttempts: 3 };
const CONTEXT = { commandId: 'test', correlationId: 'test', actor: 'test' };

export type House = {
  readonly streams: Streams;
  readonly provider: SimulatedProvider;
  /** Which program each order is of: what a read model would say. */
  readonly programs: Map<OrderNumber, ProgramId>;
  readonly submit: (programId: ProgramId, command: SaleCommand) => ReturnType<SaleStreamSubmit>;
  readonly request: (method: string, path: string, options?: RequestOptions) => Promise<Response>;
  readonly payOf: (
    order: OrderNumber,
    buyer: UserId,
  ) => Promise<{ paymentNumber: PaymentNumber; chargeId: string }>;
  /** A callback as the provider would send it, unless told otherwise. */
  readonly callback: (body: string, signature?: string) => Promise<Response>;
  readonly saleEvents: (programId: ProgramId) => Promise<SaleEvent[]>;
  readonly saleTypes: (programId: ProgramId) => Promise<string[]>;
  readonly paymentTypes: (paymentNumber: PaymentNumber) => Promise<string[]>;
  readonly untilPayment: (paymentNumber: PaymentNumber, last: string) => Promise<void>;
  readonly untilSale: (programId: ProgramId, last: string) => Promise<void>;
  /** As a provider that was killed: what it owes is in its tables. */
  readonly stopDelivery: () => Promise<void>;
  readonly startDelivery: (change?: Partial<SimulatedProviderDeps>) => void;
  readonly stopProcesses: () => Promise<void>;
  readonly startProcesses: () => void;
  /** While set, refunds fail at the provider with this code. */
  refundFailure: string | undefined;
};

type SaleStreamSubmit = ReturnType<Streams['sales']['of']>['submit'];
type RequestOptions = { readonly as?: string; readonly scopes?: readonly string[]; readonly body?: unknown };

/** Call it once at the top of a test file. */
export function useHouse(): { readonly house: House } {
  const stores = useStores();
  const closers: (() => Promise<unknown> | undefined)[] = [];
  let house: House | undefined;
  beforeAll(async () => {
    const postgres = openPostgres({ url: stores.postgresUrl, max: 10, onError: () => undefined });
    closers.push(postgres.close);
    await migrate(postgres.db);
    const store = openEventStore({ connectionString: stores.eventStoreUrl });
    closers.push(store.close);
    house = await open(postgres, store, closers);
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  return {
    get house() {
      if (house === undefined) throw new Error('The house of this file is not open yet.');
      return house;
    },
  };
}

type Closers = (() => Promise<unknown> | undefined)[];

async function open({ db }: Postgres, store: EventStore, closers: Closers): Promise<House> {
  const streams = openStreams(store, createSnapshotStore(db));
  const programs = new Map<OrderNumber, ProgramId>();
  let url = '';
  let stopDelivery = async (): Promise<void> => undefined;
  const providerDeps: SimulatedProviderDeps = {
    db,
    key: CALLBACK_KEY,
    callbackUrl: () => `${url}/payments/callbacks/simulated`,
    payUrlOf: (chargeId) => chargePageUrl(url, chargeId),
    nowMs: Date.now,
    refundFailure: () => house.refundFailure,
  };
  const provider = createSimulatedProvider(providerDeps);
  const deps = {
    sale: streams.sales.of,
    payment: streams.payments.of,
    provider: (name: string) => (name === provider.name ? provider : undefined),
    newPaymentsTo: provider,
    isCancelled: async () => false,
    retries: createRefundRetries(db),
    nowMs: Date.now,
    onProblem: () => undefined,
  };
  const server = await serve(provider, {
    programOf: async (orderNumber) => programs.get(orderNumber),
    payOrder: (asked, context) => payOrder(deps, asked, context),
    refundOrder: (asked, context) => refundOrder(deps, asked, context),
    takeCallback: (callback, context) => takeCallback(deps, callback, context),
  });
  url = `http://127.0.0.1:${server.port}`;
  closers.push(() => server.close());

  const startDelivery = (change: Partial<SimulatedProviderDeps> = {}): void => {
    const { deliver } = createSimulatedProvider({ ...providerDeps, ...change });
    stopDelivery = often(deliver).stop;
  };
  let running: (() => Promise<void>)[] = [];
  const startProcesses = (): void => {
    const source = logSource(store, engineCodec, { name: 'test', streamPrefixes: [...streamPrefixes] });
    const payment = createPaymentProcess(deps, QUICK);
    const issuing = createIssuingProcess(deps);
    const common = {
      source,
      nowMs: Date.now,
      sleep: systemTiming.sleep,
      onStuck: () => undefined,
    };
    const started: RunningProcess[] = [
      startProcess({ ...common, process: payment, checkpoint: checkpoint('payment') }),
      startProcess({ ...common, process: issuing, checkpoint: checkpoint('issuing') }),
    ];
    const retries = often(() => retryDueRefunds(deps));
    running = [retries.stop, ...started.map(({ stop }) => stop)];
  };
  const saved = new Map<string, bigint>();
  const checkpoint = (name: string) => ({
    load: async () => saved.get(name),
    save: async (position: bigint) => void saved.set(name, position),
  });
  const stopProcesses = async (): Promise<void> => {
    await Promise.all(running.map((stop) => stop()));
    running = [];
  };
  const request = async (method: string, path: string, options: RequestOptions = {}): Promise<Response> => {
    const { as, scopes = [], body } = options;
    const headers = {
      ...(as !== undefined && (await bearer(as, scopes))),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return fetch(`${url}${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  };
  const saleEvents = (programId: ProgramId): Promise<SaleEvent[]> =>
    eventsOf(createStreamLog(store, saleCodec), saleStream(programId));
  const saleTypes = async (programId: ProgramId): Promise<string[]> =>
    (await saleEvents(programId)).map(({ type }) => type);
  const paymentTypes = async (number: PaymentNumber): Promise<string[]> =>
    (await eventsOf(createStreamLog(store, paymentCodec), paymentStream(number))).map(({ type }) => type);
  closers.push(stopProcesses, () => stopDelivery());
  startDelivery();
  startProcesses();

  const house: House = {
    streams,
    provider,
    programs,
    submit: (programId, command) => streams.sales.of(programId).submit(command, CONTEXT),
    request,
    payOf: async (order, buyer) => {
      const answer = await request('POST', `/orders/${order}/pay`, { as: buyer });
      if (answer.status !== 201) throw new Error(await answer.text());
      const { paymentNumber, payUrl } = (await answer.json()) as {
        paymentNumber: PaymentNumber;
        payUrl: string;
      };
      return { paymentNumber, chargeId: payUrl.slice(payUrl.lastIndexOf('/') + 1) };
    },
    callback: (body, signature = signCallback(CALLBACK_KEY, Buffer.from(body), Date.now())) =>
      fetch(`${url}/payments/callbacks/simulated`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [SIGNATURE_HEADER]: signature },
        body,
      }),
    saleEvents,
    saleTypes,
    paymentTypes,
    untilPayment: (number, last) =>
      until(`${last} of the payment`, async () => (await paymentTypes(number)).at(-1) === last),
    untilSale: (programId, last) =>
      until(`${last} of the sale`, async () => (await saleTypes(programId)).at(-1) === last),
    stopDelivery: () => stopDelivery(),
    startDelivery,
    stopProcesses,
    startProcesses,
    refundFailure: undefined,
  };
  return house;
}

const serve = (provider: SimulatedProvider, deps: PaymentEndpointsDeps): Promise<LaneServer> =>
  startLane(
    'express',
    [...paymentEndpoints(deps), ...simulatedProviderEndpoints({ ...provider, nowMs: Date.now })],
    { limits: { userWritesPerSecond: 0, addressWritesPerSecond: 0 }, bodyLimitBytes: 100_000 },
  );

const eventsOf = async <Event>(
  log: {
    readonly read: (stream: string, from: bigint) => AsyncIterable<readonly { readonly event: Event }[]>;
  },
  stream: string,
): Promise<Event[]> => {
  const events: Event[] = [];
  for await (const page of log.read(stream, 0n)) events.push(...page.map(({ event }) => event));
  return events;
};

/** As the engine does what is to be done again and again. */
const often = (work: () => Promise<number>): { readonly stop: () => Promise<void> } => {
  let stopped = false;
  const run = async (): Promise<void> => {
    while (!stopped) {
      const done = await work().catch(() => 0);
      if (done === 0) await delay(EVERY_MS);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped = true;
      await running;
    },
  };
};
