/**
 * An order that is paid gets its tickets: what follows from the event, and whether the sale's answer settles
 * it.
 */
import {
  programOfSaleStream,
  type SaleCommand,
  type SaleEvent,
  type SaleOutcome,
} from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';

export const handles = ['OrderPaid'] as const satisfies readonly SaleEvent['type'][];

export type IssuingFlowEvent = Extract<SaleEvent, { readonly type: (typeof handles)[number] }>;

export type IssuingStep = { readonly programId: ProgramId; readonly command: SaleCommand };

/** Throws for a stream that is no sale's. */
export function stepOf(event: IssuingFlowEvent & { readonly stream: string }): IssuingStep {
  const programId = programOfSaleStream(event.stream);
  if (programId === undefined) throw new Error(`${event.type} is in ${event.stream}, which is no sale's.`);
  return { programId, command: { type: 'IssueTickets', orderNumber: event.data.orderNumber } };
}

/** An order that was given back before its tickets were made out needs none, known or forgotten. */
export function isSettled(outcome: SaleOutcome): boolean {
  if (outcome.kind !== 'refused') return outcome.kind === 'tickets_issued';
  return outcome.code === 'order_refunded' || outcome.code === 'order_not_found';
}
