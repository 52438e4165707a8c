/** What follows from what happened to a program, without any I/O. */
import type { ProgramEvent, ProgramOutcome } from '../../domain/program/index.ts';
import { programOfSaleStream, type SaleEvent, type SaleOutcome } from '../../domain/sale/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';

export type LifecycleEvent =
  | Extract<ProgramEvent, { readonly type: 'SaleScheduled' | 'SaleClosed' | 'ProgramCancelled' }>
  | Extract<SaleEvent, { readonly type: 'OrderPaid' }>;

export type Step =
  /** Start, reschedule or end the sale, as its program says by now. */
  | { readonly kind: 'keep_in_step'; readonly programId: ProgramId }
  | { readonly kind: 'refund_all'; readonly programId: ProgramId }
  /** An order that was placed before its program was cancelled, and paid after. */
  | {
      readonly kind: 'refund_if_cancelled';
      readonly programId: ProgramId;
      readonly orderNumber: OrderNumber;
    };

/** In this order. Throws for an order that is in no sale's stream. */
export const stepsAfter = (event: LifecycleEvent & { readonly stream: string }): readonly Step[] => {
  switch (event.type) {
    case 'SaleScheduled':
    case 'SaleClosed':
      return [{ kind: 'keep_in_step', programId: event.data.programId }];
    case 'ProgramCancelled': {
      const { programId } = event.data;
      // First the end of the sale, so that no order comes in behind the refunds.
      return [
        { kind: 'keep_in_step', programId },
        { kind: 'refund_all', programId },
      ];
    }
    case 'OrderPaid': {
      const programId = programOfSaleStream(event.stream);
      if (programId === undefined) throw new Error(`OrderPaid is in ${event.stream}, which is no sale's.`);
      return [{ kind: 'refund_if_cancelled', programId, orderNumber: event.data.orderNumber }];
    }
    default:
      return unreachable(event);
  }
};

/** Throws for an answer that does not mean that the order's money is on its way back. */
export const expectRefunded = (outcome: SaleOutcome): void => {
  if (outcome.kind === 'order_refunded') return;
  // No order becomes unpaid: one that was paid and is not known was refunded, and is forgotten by now.
  if (outcome.kind === 'refused' && outcome.code === 'order_not_found') return;
  throw new Error(`A refund was answered with ${outcome.kind === 'refused' ? outcome.code : outcome.kind}.`);
};

/** A program whose hours have begun or ended, while it does not show it yet. */
export type DueWindow = { readonly programId: ProgramId; readonly due: 'opens' | 'closes' };

/** Whether the window is dealt with; one that is not due by now was changed, and comes again. */
export const isTurned = (outcome: ProgramOutcome): boolean => outcome.kind !== 'refused';
