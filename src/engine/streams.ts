/** Every aggregate as this process keeps it warm, over the one log. */
import type { SaleStream } from '../commands/dispatch/dispatch.ts';
import type { SnapshotStore } from '../commands/ports.ts';
import type { WarmStream } from '../commands/warm-stream.ts';
import { createWarmStreams, type WarmStreams } from '../commands/warm-streams.ts';
import {
  type AccountCommand,
  type AccountOutcome,
  type AccountState,
  accountDecider,
  accountStream,
} from '../domain/account/index.ts';
import {
  LANES,
  laneOf,
  laneStream,
  type OrderQueueCommand,
  type OrderQueueOutcome,
  type OrderQueueState,
  orderQueueDecider,
} from '../domain/order-queue/index.ts';
import {
  type PaymentCommand,
  type PaymentOutcome,
  type PaymentState,
  paymentDecider,
  paymentStream,
} from '../domain/payment/index.ts';
import {
  type ProgramCommand,
  type ProgramOutcome,
  type ProgramState,
  programDecider,
  programStream,
} from '../domain/program/index.ts';
import {
  type ProjectionCommand,
  type ProjectionName,
  type ProjectionOutcome,
  type ProjectionState,
  projectionDecider,
  projectionStream,
} from '../domain/projection/index.ts';
import {
  keepBatch,
  openBatch,
  restoreSale,
  type SaleCommand,
  type SaleOutcome,
  type SaleState,
  saleDecider,
  saleStream,
  snapshotSale,
  undoBatch,
} from '../domain/sale/index.ts';
import {
  type PlanRef,
  type SalePlanCommand,
  type SalePlanOutcome,
  type SalePlanState,
  salePlanDecider,
  salePlanStream,
} from '../domain/sale-plan/index.ts';
import type { PaymentNumber, ProgramId, UserId } from '../domain/shared/ids.ts';
import {
  accountCodec,
  orderQueueCodec,
  paymentCodec,
  programCodec,
  projectionCodec,
  saleCodec,
  salePlanCodec,
} from '../event-catalogue.ts';
import type { EventStore } from '../eventstore/index.ts';
import { createStreamLog } from '../eventstore/stream-log.ts';

/** A sale of 100,000 seats is 17 MB warm. */
const MAX_WARM_SALES = 64;
const MAX_WARM_PROGRAMS = 1_000;
/** A plan has the whole layout. */
const MAX_WARM_PLANS = 100;
const MAX_WARM_ACCOUNTS = 1_000;
const MAX_WARM_PAYMENTS = 10_000;
/** More than there are. */
const MAX_WARM_PROJECTIONS = 100;

export type ProjectionStreams = WarmStreams<
  ProjectionName,
  ProjectionCommand,
  ProjectionState,
  ProjectionOutcome
>;

type LaneStream = WarmStream<OrderQueueCommand, OrderQueueState, OrderQueueOutcome>;

export type Streams = {
  readonly programs: WarmStreams<ProgramId, ProgramCommand, ProgramState, ProgramOutcome>;
  readonly sales: WarmStreams<ProgramId, SaleCommand, SaleState, SaleOutcome>;
  /** The sale brought up to the end of the log before it decides, whoever writes it. */
  readonly freshSale: (programId: ProgramId) => SaleStream;
  readonly accounts: WarmStreams<UserId, AccountCommand, AccountState, AccountOutcome>;
  readonly plans: WarmStreams<PlanRef, SalePlanCommand, SalePlanState, SalePlanOutcome>;
  readonly payments: WarmStreams<PaymentNumber, PaymentCommand, PaymentState, PaymentOutcome>;
  readonly lane: (programId: ProgramId) => LaneStream;
  readonly projections: ProjectionStreams;
};

export const openStreams = (store: EventStore, snapshots: SnapshotStore): Streams => {
  const sales = createWarmStreams({
    streamOf: saleStream,
    decider: saleDecider,
    log: createStreamLog(store, saleCodec),
    batches: { open: openBatch, keep: keepBatch, undo: undoBatch },
    snapshots: { freeze: snapshotSale, thaw: restoreSale, store: snapshots },
    maxWarm: MAX_WARM_SALES,
  });
  const lanes = createWarmStreams({
    streamOf: laneStream,
    decider: orderQueueDecider,
    log: createStreamLog(store, orderQueueCodec),
    maxWarm: LANES,
  });
  return {
    programs: createWarmStreams({
      streamOf: programStream,
      decider: programDecider,
      log: createStreamLog(store, programCodec),
      maxWarm: MAX_WARM_PROGRAMS,
    }),
    sales,
    freshSale: (programId) => freshly(sales.of(programId)),
    accounts: createWarmStreams({
      streamOf: accountStream,
      decider: accountDecider,
      log: createStreamLog(store, accountCodec),
      maxWarm: MAX_WARM_ACCOUNTS,
    }),
    plans: createWarmStreams({
      streamOf: salePlanStream,
      decider: salePlanDecider,
      log: createStreamLog(store, salePlanCodec),
      maxWarm: MAX_WARM_PLANS,
    }),
    payments: createWarmStreams({
      streamOf: paymentStream,
      decider: paymentDecider,
      log: createStreamLog(store, paymentCodec),
      maxWarm: MAX_WARM_PAYMENTS,
    }),
    lane: (programId) => lanes.of(laneOf(programId)),
    projections: openProjectionStreams(store),
  };
};

/** For a program that is no engine and decides about read models alone. */
export const openProjectionStreams = (store: EventStore): ProjectionStreams =>
  createWarmStreams({
    streamOf: projectionStream,
    decider: projectionDecider,
    log: createStreamLog(store, projectionCodec),
    maxWarm: MAX_WARM_PROJECTIONS,
  });

const freshly = (sale: SaleStream): SaleStream => ({ ...sale, submit: sale.submitAfresh });
