/**
 * What the engine does by itself: read models, Redis, queued orders, and the processes that react to events and to
 * time. Each piece has one owner among all processes, by a lease; leases only save work.
 */
import { randomUUID } from 'node:crypto';
import { createLaneFollower, type LaneState } from '../commands/dispatch/lane-follower.ts';
import { keepSaleInStep } from '../commands/keep-sale-in-step.ts';
import { LANES, laneStream } from '../domain/order-queue/index.ts';
import { soldOrders } from '../domain/sale/index.ts';
import { engineCodec, orderQueueCodec } from '../event-catalogue.ts';
import { logSource } from '../eventstore/log-source.ts';
import type { Releasers } from '../lifecycle.ts';
import { type GateProjector, type GateProjectorState, startGateProjector } from '../live/gate-projector.ts';
import { writeGateReport } from '../live/gate-reports.ts';
import { gateSource } from '../live/gate-source.ts';
import { GATE_PROJECTOR_PLACE, placesInSnapshots } from '../live/saved-place.ts';
import { createRefundRetries } from '../payments/refund-retries.ts';
import { createLaneCheckpoints, createProcessCheckpoints } from '../postgres/process-checkpoints.ts';
import { isPostgresUnavailable } from '../postgres/unavailable.ts';
import { createWorkLeases, type Work, type WorkLeaseState } from '../postgres/work-leases.ts';
import { type Expiry, type ExpiryState, startExpiry } from '../processes/expiry/index.ts';
import { createIssuingProcess } from '../processes/issuing/index.ts';
import { createPaymentProcess, retryDueRefunds } from '../processes/payment/index.ts';
import { type Process, type ProcessState, type RunningProcess, startProcess } from '../processes/runner.ts';
import { createSaleLifecycle, turnSaleWindows } from '../processes/sale-lifecycle/index.ts';
import { dueDeadlines, nextDeadlineMs } from '../projections/deadlines/index.ts';
import { dueSaleWindows } from '../projections/programs/index.ts';
import { createProjections } from '../projections/registry.ts';
import {
  PROJECTIONS_BATCH_MAX_EVENTS,
  PROJECTIONS_BUSY_WAIT_MS,
  type Runner,
  startProjections,
} from '../projections/runner.ts';
import { startLagGauges } from '../telemetry/lag-gauges.ts';
import { isCancelled } from './cancelled.ts';
import { recordSwapsOf } from './owed-swaps.ts';
import { repeat } from './repeat.ts';
import { type Services, sleep } from './services.ts';
import { type Watched, watched } from './watched.ts';

const SECOND_MS = 1_000;
const LANE_PREFIX = 'lane/';
/** Whoever rebuilds records it; this is for the case that it cannot. */
const SWAPS_RECORDED_EVERY_MS = 10 * SECOND_MS;

/** Of this process alone; what another one holds is undefined or left out. */
export type WorkerState = {
  readonly leases: readonly WorkLeaseState[];
  readonly processes: readonly ProcessState[];
  readonly lanes: readonly LaneState[];
  readonly gateProjector: GateProjectorState | undefined;
  readonly expiry: ExpiryState | undefined;
};

export type Worker = { readonly state: () => WorkerState };

/** Returns at once; what needs the database waits for it. */
export const startWorker = async (services: Services, releasers: Releasers): Promise<Worker> => {
  const leases = createWorkLeases(services.clients.db, services.holder);
  await releasers.add('the work', leases.stop);
  const [readModels, gateProjector, ending] = [projections(services), redis(services), expiry(services)];
  const reacting = processes(services);
  const works: Readonly<Record<string, Work>> = {
    projections: readModels,
    redis: gateProjector,
    expiry: ending,
    'sale-hours': saleHours(services),
    'refund-retries': refundRetries(services),
    'swap-records': swapRecords(services),
    ...simulatedProvider(services),
    ...reacting,
  };
  for (const [name, work] of Object.entries(works)) leases.holdWhile(name, work);
  const lanes = Array.from({ length: LANES }, (_, lane) => `${LANE_PREFIX}${lane}`);
  const follower = laneFollower(services);
  await releasers.add('the lanes', follower.stop);
  leases.holdShare('lanes', lanes, (name) => ({
    start: () => follower.follow(Number(name.slice(LANE_PREFIX.length))),
  }));
  const gauges = startLagGauges({
    projections: async () => (await readModels.now()?.states()) ?? [],
    gateLagMs: () => gateProjector.now()?.state().lagMs,
  });
  await releasers.add('the gauges', gauges.stop);
  return {
    state: () => ({
      leases: leases.state(),
      processes: Object.values(reacting).flatMap((process) => process.now()?.state() ?? []),
      lanes: follower.state(),
      gateProjector: gateProjector.now()?.state(),
      expiry: ending.now()?.state(),
    }),
  };
};

const projections = ({ clients: { db, eventStore }, log }: Services): Watched<Runner> =>
  watched(async () => {
    const all = createProjections();
    return startProjections({
      db,
      source: logSource(eventStore, engineCodec, {
        name: 'projections',
        eventTypes: [...new Set(all.flatMap(({ handles }) => handles))],
        batchMaxEvents: PROJECTIONS_BATCH_MAX_EVENTS,
        busyBatchMaxWaitMs: PROJECTIONS_BUSY_WAIT_MS,
      }),
      projections: all,
      isUnavailable: isPostgresUnavailable,
      onStopped: (name, stopped) => log.error({ name, ...stopped }, 'A read model has stopped.'),
    });
  });

const redis = ({
  clients: { eventStore, redis: client },
  gate,
  saleLog,
  snapshots,
  statuses,
  nowMs,
  log,
}: Services): Watched<GateProjector> =>
  watched(() =>
    startGateProjector({
      gate,
      log: saleLog,
      snapshots,
      source: gateSource(eventStore),
      statuses,
      places: placesInSnapshots(snapshots, GATE_PROJECTOR_PLACE, async () => {
        const [last] = await eventStore.readAllPage({ direction: 'backwards', maxCount: 1 });
        return last?.position ?? -1n;
      }),
      report: (report) => writeGateReport(client, report),
      nowMs,
      sleep,
      onTrouble: (error) => log.warn({ err: error }, 'Redis is behind the log.'),
    }),
  );

const laneFollower = ({ clients: { db, eventStore }, streams, nowMs, log }: Services) =>
  createLaneFollower({
    sale: streams.sales.of,
    sourceOf: (lanes) =>
      logSource(eventStore, orderQueueCodec, {
        name: 'lanes',
        streamPrefixes: lanes.map(laneStream),
        // Somebody waits for every queued order.
        batchMaxWaitMs: 0,
      }),
    checkpoints: createLaneCheckpoints(createProcessCheckpoints(db)),
    nowMs,
    sleep,
    onUnanswered: ({ order: { orderNumber, programId } }) =>
      log.error({ orderNumber, programId }, 'An order is queued for a sale that has not started.'),
    onStuck: ({ error, ...place }) => log.error({ reason: error, ...place }, 'Queued orders are stuck.'),
  });

const expiry = ({ clients: { db }, streams, nowMs }: Services): Watched<Expiry> =>
  watched(async () =>
    startExpiry({
      dueDeadlines: (now, limit, except) => dueDeadlines(db, now, limit, except),
      nextDeadlineMs: () => nextDeadlineMs(db),
      submit: (programId, command, context) => streams.sales.of(programId).submit(command, context),
      nowMs,
      sleep,
    }),
  );

const saleHours = ({ clients: { db }, streams, nowMs, log }: Services): Work =>
  repeat({
    everyMs: SECOND_MS,
    onError: (error) => log.warn({ err: error }, 'Programs could not be opened or closed.'),
    work: async () => {
      await turnSaleWindows({
        dueWindows: (now, limit) => dueSaleWindows(db, now, limit),
        submitToProgram: (programId, command, context) =>
          streams.programs.of(programId).submit(command, context),
        nowMs,
        newId: randomUUID,
      });
      // It stays due until the read model has followed: to look again at once would turn the same ones without end.
      return 0;
    },
  });

const refundRetries = ({ clients: { db }, streams, nowMs, log }: Services): Work =>
  repeat({
    everyMs: SECOND_MS,
    onError: (error) => log.warn({ err: error }, 'Refunds could not be tried again.'),
    work: () => retryDueRefunds({ payment: streams.payments.of, retries: createRefundRetries(db), nowMs }),
  });

/** What a rebuild has swapped and could not record before it died. */
const swapRecords = ({ clients: { db, redis: client }, streams, log }: Services): Work =>
  repeat({
    everyMs: SWAPS_RECORDED_EVERY_MS,
    onError: (error) => log.warn({ err: error }, 'Swaps of read models could not be recorded.'),
    work: async () => (await recordSwapsOf({ db, redis: client }, streams.projections)).length,
  });

const simulatedProvider = ({ provider, owed, log }: Services): Readonly<Record<string, Work>> =>
  provider === undefined
    ? {}
    : {
        'simulated-provider': repeat({
          everyMs: SECOND_MS,
          wait: owed.heard,
          onError: (error) => log.warn({ err: error }, 'The simulated provider could not deliver.'),
          work: provider.deliver,
        }),
      };

const processes = (services: Services): Readonly<Record<string, Watched<RunningProcess>>> => {
  const { streams, providerOf, programDeps, clients, nowMs, log } = services;
  const sale = streams.sales.of;
  return {
    payment: following(
      services,
      createPaymentProcess({
        sale,
        payment: streams.payments.of,
        provider: providerOf,
        retries: createRefundRetries(clients.db),
        nowMs,
        onProblem: (problem) => log.error(problem, 'Money that somebody has to look after.'),
      }),
    ),
    issuing: following(services, createIssuingProcess({ sale })),
    'sale-lifecycle': following(
      services,
      createSaleLifecycle({
        keepInStep: (programId, context) => keepSaleInStep(programDeps, programId, context),
        isCancelled: isCancelled(streams),
        paidOrdersOf: (programId, limit) => sale(programId).ask((state) => soldOrders(state, limit)),
        submitToSale: (programId, command, context) => sale(programId).submit(command, context),
      }),
    ),
  };
};

const following = <Event extends { readonly type: string }>(
  { clients: { db, eventStore }, nowMs, log }: Services,
  process: Process<Event>,
): Watched<RunningProcess> =>
  watched(async () =>
    startProcess({
      process,
      source: logSource(eventStore, engineCodec, { name: process.name, eventTypes: process.handles }),
      checkpoint: createProcessCheckpoints(db).of(process.name),
      nowMs,
      sleep,
      onStuck: (name, { error, ...place }) =>
        log.error({ name, reason: error, ...place }, 'A process is stuck.'),
    }),
  );
