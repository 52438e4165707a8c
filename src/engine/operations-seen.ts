/** What operators see of this process and of the read models: the endpoints that every role answers. */
import type { Endpoint } from '../api/endpoint.ts';
import { operationsEndpoints } from '../api/operations.ts';
import type { WorkAnswer } from '../api/operations-work.ts';
import { skipProjectionEvent } from '../commands/skip-projection-event.ts';
import type { Stuck } from '../processes/runner.ts';
import { resume, skippingOf } from './projections-resumed.ts';
import { projectionsSeen } from './projections-seen.ts';
import type { Services } from './services.ts';
import type { Worker, WorkerState } from './worker.ts';

/** `worker` is undefined where this process has not that role, or its work has not begun. */
export const operationsOf = (services: Services, worker: () => Worker | undefined): readonly Endpoint[] => {
  const { nowMs } = services;
  const { db, redis } = services.clients;
  return operationsEndpoints({
    projections: () => projectionsSeen({ db, redis, nowMs }),
    retryProjection: (name, askedBy) => resume(db, name, 'retry', askedBy),
    skipProjectionEvent: (request, context) =>
      skipProjectionEvent(skippingOf(db, services.streams.projections), request, context),
    work: () => workSeen(services, worker()?.state()),
    measuredOrders: services.orderMeasures.report,
  });
};

type Process = {
  readonly holder: string;
  readonly config: Pick<Services['config'], 'roles'>;
  readonly numbers: Pick<Services['numbers'], 'state'>;
  readonly streams: { readonly sales: Pick<Services['streams']['sales'], 'queues'> };
};

/** Positions and revisions become text, what is not known null. */
export const workSeen = (
  { holder, config, numbers, streams }: Process,
  state: WorkerState | undefined,
): WorkAnswer => {
  const { workerId, untilMs, lastError } = numbers.state();
  return {
    holder,
    roles: config.roles.split(','),
    orderNumbers: { workerId: workerId ?? null, untilMs: untilMs ?? null, lastError: lastError ?? null },
    leases: (state?.leases ?? []).map((lease) => ({
      ...lease,
      holder: lease.holder ?? null,
      lastError: lease.lastError ?? null,
    })),
    processes: (state?.processes ?? []).map(({ stuckAt, ...process }) => ({
      ...process,
      position: text(process.position),
      stuckAt: stuckAt === undefined ? null : stuckSeen(stuckAt),
    })),
    lanes: (state?.lanes ?? []).map(laneSeen),
    gateProjector: gateProjectorSeen(state?.gateProjector),
    expiry:
      state?.expiry === undefined ? null : { ...state.expiry, lastError: state.expiry.lastError ?? null },
    waitingForSales: [...streams.sales.queues()],
  };
};

const text = (position: bigint | undefined): string | null => position?.toString() ?? null;

const stuckSeen = ({ revision, ...stuck }: Stuck) => ({ ...stuck, revision: revision.toString() });

const laneSeen = ({
  stuck,
  damagedAt,
  ...lane
}: WorkerState['lanes'][number]): WorkAnswer['lanes'][number] => ({
  ...lane,
  position: text(lane.position),
  stuck: stuck === undefined ? null : stuckOrderSeen(stuck),
  damagedAt: damagedAt === undefined ? null : { ...damagedAt, revision: damagedAt.revision.toString() },
});

const stuckOrderSeen = ({ lane: _, ...order }: NonNullable<WorkerState['lanes'][number]['stuck']>) => order;

const gateProjectorSeen = (state: WorkerState['gateProjector']): WorkAnswer['gateProjector'] =>
  state === undefined
    ? null
    : {
        ...state,
        position: text(state.position),
        brokenSales: [...state.brokenSales],
        lastError: state.lastError ?? null,
      };
