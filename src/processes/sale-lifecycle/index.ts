/**
 * Makes good what a crash left undone between a program and its sale, refunds everybody of a cancelled
 * program, and opens and closes programs by their hours.
 */
import type { CommandContext } from '../../commands/ports.ts';
import type { ProgramCommand, ProgramOutcome } from '../../domain/program/index.ts';
import type { SaleCommand, SaleOutcome } from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { Process, ProcessEvent } from '../runner.ts';
import {
  type DueWindow,
  expectRefunded,
  isTurned,
  type LifecycleEvent,
  type Step,
  stepsAfter,
} from './flow.ts';

const NAME = 'sale_lifecycle';
/** Refunds that are decided together. */
const MAX_REFUNDS_PER_BATCH = 500;
/** A hall has 200,000 seats, general admission a million: beyond this the batches do not come to an end. */
const MAX_BATCHES = 10_000;
const MAX_WINDOWS_PER_TURN = 200;

export type SaleLifecycleDeps = {
  /** `keepSaleInStep`. */
  readonly keepInStep: (programId: ProgramId, context: CommandContext) => Promise<void>;
  readonly isCancelled: (programId: ProgramId) => Promise<boolean>;
  /**
   * Orders of the program that are paid and not refunded as a whole, at most so many. It must know every
   * order that was paid before the call: the sale itself does, by `soldOrders`.
   */
  readonly paidOrdersOf: (programId: ProgramId, limit: number) => Promise<readonly OrderNumber[]>;
  readonly submitToSale: (
    programId: ProgramId,
    command: SaleCommand,
    context: CommandContext,
  ) => Promise<SaleOutcome>;
};

export const createSaleLifecycle = (deps: SaleLifecycleDeps): Process<LifecycleEvent> => ({
  name: NAME,
  handles: ['SaleScheduled', 'SaleClosed', 'ProgramCancelled', 'OrderPaid'],
  // Paid orders do not wait for one another: those at work together share one look at their program.
  orderedBy: (event) => (event.type === 'OrderPaid' ? event.data.orderNumber : event.stream),
  react: async (event) => {
    const context = contextOf(event);
    for (const step of stepsAfter(event)) await take(deps, step, context);
  },
});

const take = async (deps: SaleLifecycleDeps, step: Step, context: CommandContext): Promise<void> => {
  const { programId } = step;
  switch (step.kind) {
    case 'keep_in_step':
      return deps.keepInStep(programId, context);
    case 'refund_all':
      return refundAll(deps, programId, context);
    case 'refund_if_cancelled':
      if (await deps.isCancelled(programId)) await refund(deps, programId, [step.orderNumber], context);
      return;
    default:
      return unreachable(step);
  }
};

const refundAll = async (
  deps: SaleLifecycleDeps,
  programId: ProgramId,
  context: CommandContext,
): Promise<void> => {
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const orders = await deps.paidOrdersOf(programId, MAX_REFUNDS_PER_BATCH);
    if (orders.length === 0) return;
    await refund(deps, programId, orders, context);
  }
  throw new Error(`The paid orders of program ${programId} do not come to an end.`);
};

const refund = async (
  deps: SaleLifecycleDeps,
  programId: ProgramId,
  orders: readonly OrderNumber[],
  context: CommandContext,
): Promise<void> => {
  const outcomes = await Promise.all(
    orders.map((orderNumber) =>
      deps.submitToSale(
        programId,
        { type: 'RefundOrder', orderNumber },
        { ...context, commandId: orderNumber },
      ),
    ),
  );
  for (const outcome of outcomes) expectRefunded(outcome);
};

const contextOf = ({ stream, revision, metadata }: ProcessEvent<LifecycleEvent>): CommandContext => ({
  commandId: `${stream}@${revision}`,
  correlationId: metadata.correlationId,
  actor: NAME,
});

export type SaleHoursDeps = {
  /** `dueSaleWindows`, the longest overdue first. */
  readonly dueWindows: (nowMs: number, limit: number) => Promise<readonly DueWindow[]>;
  readonly submitToProgram: (
    programId: ProgramId,
    command: ProgramCommand,
    context: CommandContext,
  ) => Promise<ProgramOutcome>;
  readonly nowMs: () => number;
  /** A new one for each command. */
  readonly newId: () => string;
};

/**
 * Opens and closes what is due now; to be called again and again. Answers how many programs it turned.
 * Rejects with what the streams or the query reject with: nothing is lost, it stays due.
 */
export const turnSaleWindows = async (deps: SaleHoursDeps): Promise<number> => {
  const nowMs = deps.nowMs();
  const due = await deps.dueWindows(nowMs, MAX_WINDOWS_PER_TURN);
  const outcomes = await Promise.all(
    due.map((window) => {
      const commandId = deps.newId();
      const context = { commandId, correlationId: commandId, actor: NAME };
      return deps.submitToProgram(window.programId, commandOf(window, nowMs), context);
    }),
  );
  return outcomes.filter(isTurned).length;
};

const commandOf = ({ programId, due }: DueWindow, nowMs: number): ProgramCommand =>
  due === 'opens'
    ? { type: 'OpenSale', programId, nowMs }
    : { type: 'CloseSale', programId, reason: 'schedule', nowMs };
