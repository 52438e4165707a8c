/**
 * v3: no lock. The gate turns away who has no chance, the sale's group commit decides the rest, and the buyer is
 * answered when OrderPlaced is durable.
 */
import { type OrderAnswer, placeOrderCommand, refusalOf, refused } from '../place-order.ts';
import type { Dispatch } from './dispatch.ts';

export const dispatchV3: Dispatch = async (deps, request, context): Promise<OrderAnswer> => {
  const wrong = refusalOf(request);
  if (wrong !== undefined) return refused(wrong);
  const ticketUsers = await deps.ticketUsersOf(request);
  if (ticketUsers === undefined) return refused('unknown_ticket_user');
  const passage = await deps.gate.pass(request);
  if (passage.kind === 'refused') return passage;
  try {
    const nowMs = deps.nowMs();
    const orderNumber = deps.numbers.order(request.buyer, nowMs);
    const command = placeOrderCommand(request, ticketUsers, orderNumber, nowMs);
    const outcome = await deps.sale(request.programId).submit(command, context);
    if (outcome.kind === 'refused') await passage.giveBack();
    if (outcome.kind === 'order_placed' || outcome.kind === 'refused') return outcome;
    throw new Error(`A sale answered an order with ${outcome.kind}.`);
  } catch (error) {
    // What the gate holds back for an order that may not exist would be swept later; now is better.
    await passage.giveBack();
    throw error;
  }
};
