/** The aggregates of the engine as a chapter speaks with them: each command goes to the stream it is about. */
import { type AccountCommand, accountDecider, accountStream } from '../../src/domain/account/index.ts';
import {
  type AuditTrailCommand,
  auditTrailDecider,
  type auditTrailStream,
} from '../../src/domain/audit-trail/index.ts';
import {
  laneOf,
  laneStream,
  orderQueueDecider,
  type QueuedOrder,
} from '../../src/domain/order-queue/index.ts';
import { type PaymentCommand, paymentDecider, paymentStream } from '../../src/domain/payment/index.ts';
import { type ProgramCommand, programDecider, programStream } from '../../src/domain/program/index.ts';
import {
  type ProjectionCommand,
  projectionDecider,
  projectionStream,
} from '../../src/domain/projection/index.ts';
import {
  type QueuePosition,
  type SaleCommand,
  saleDecider,
  saleStream,
} from '../../src/domain/sale/index.ts';
import { type SalePlanned, salePlanDecider, salePlanStream } from '../../src/domain/sale-plan/index.ts';
import type { ProgramId } from '../../src/domain/shared/ids.ts';
import {
  accountCodec,
  auditTrailCodec,
  orderQueueCodec,
  paymentCodec,
  programCodec,
  projectionCodec,
  saleCodec,
  salePlanCodec,
} from '../../src/event-catalogue.ts';
import { createDecider, type Teller } from './teller.ts';

const sales = createDecider(saleDecider, saleCodec);
const programs = createDecider(programDecider, programCodec);
const plans = createDecider(salePlanDecider, salePlanCodec);
const payments = createDecider(paymentDecider, paymentCodec);
const accounts = createDecider(accountDecider, accountCodec);
const projections = createDecider(projectionDecider, projectionCodec);
const trails = createDecider(auditTrailDecider, auditTrailCodec);
const lanes = createDecider(orderQueueDecider, orderQueueCodec);

export type Voices = ReturnType<typeof voicesOf>;

export const voicesOf = (teller: Teller) => ({
  plan: (plan: SalePlanned) =>
    teller.tell(plans, salePlanStream(plan.planRef), { type: 'PlanSale', plan }, 'operator'),
  program: (command: ProgramCommand) =>
    teller.tell(programs, programStream(command.programId), command, 'operator'),
  sale: (programId: ProgramId, command: SaleCommand, actor = 'orders') =>
    teller.tell(sales, saleStream(programId), command, actor),
  payment: (command: PaymentCommand) =>
    teller.tell(payments, paymentStream(command.paymentNumber), command, 'payments'),
  account: (command: AccountCommand) =>
    teller.tell(accounts, accountStream(command.user), command, command.user),
  projection: (command: ProjectionCommand) =>
    teller.tell(projections, projectionStream(command.projection), command, 'operator'),
  trail: (stream: ReturnType<typeof auditTrailStream>, command: AuditTrailCommand) =>
    teller.tell(trails, stream, command, 'operator'),
  /** Answers where the order stands in its lane. */
  queue: (order: QueuedOrder): QueuePosition => {
    const lane = laneOf(order.programId);
    const stream = laneStream(lane);
    teller.tell(lanes, stream, { type: 'QueueOrder', order }, order.buyer);
    return { lane, revision: teller.revisionOf(stream) };
  },
});
