/** What the dispatch modes share: everything but how a command is coordinated and when it is acknowledged. */
import type { PlaceOrder, Refused, SaleCommand, SaleOutcome, SaleState } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { OrderNumbers } from '../order-numbers.ts';
import {
  type Offer,
  type OrderAnswer,
  type OrderRequest,
  placeOrderCommand,
  refusalOf,
  refused,
} from '../place-order.ts';
import type { CommandContext } from '../ports.ts';
import type { WarmStream } from '../warm-stream.ts';

/** Let through the gate; `giveBack` frees what it set aside, for an order that came to nothing. */
export type Passage = { readonly kind: 'passed'; readonly giveBack: () => Promise<void> };

/** May refuse an order that cannot succeed, and may let any through: the sale decides. Never rejects. */
export type OrderGate = { readonly pass: (request: OrderRequest) => Promise<Passage | Refused> };

export type SaleStream = WarmStream<SaleCommand, SaleState, SaleOutcome>;

export type DispatchDeps = {
  readonly gate: OrderGate;
  readonly numbers: OrderNumbers;
  /** The sale as this process keeps it warm. */
  readonly sale: (programId: ProgramId) => SaleStream;
  /** The documents of the ticket users, or undefined where one of them is not the buyer's. */
  readonly ticketUsersOf: (request: OrderRequest) => Promise<PlaceOrder['ticketUsers'] | undefined>;
  /** What the sale offers; undefined before it has started. */
  readonly offerOf: (programId: ProgramId) => Promise<Offer | undefined>;
  readonly nowMs: () => number;
};

/**
 * What comes first in every mode: the checks that need no lock, the buyer's people, an order number. Rejects with
 * OverloadedError, NoNumberError, or what the log rejects with.
 */
export const prepareOrder = async (
  deps: DispatchDeps,
  request: OrderRequest,
): Promise<{ readonly kind: 'prepared'; readonly command: PlaceOrder } | Refused> => {
  const wrong = refusalOf(request, await deps.offerOf(request.programId));
  if (wrong !== undefined) return refused(wrong);
  const ticketUsers = await deps.ticketUsersOf(request);
  if (ticketUsers === undefined) return refused('unknown_ticket_user');
  const nowMs = deps.nowMs();
  const orderNumber = deps.numbers.order(request.buyer, nowMs);
  return { kind: 'prepared', command: placeOrderCommand(request, ticketUsers, orderNumber, nowMs) };
};

/** The sale's answer, durable. Rejects with OverloadedError, or with what the log rejects with. */
export const decideOrder = async (
  sale: SaleStream,
  command: PlaceOrder,
  context: CommandContext,
): Promise<OrderAnswer> => {
  const outcome = await sale.submit(command, context);
  if (outcome.kind === 'order_placed' || outcome.kind === 'refused') return outcome;
  throw new Error(`A sale answered an order with ${outcome.kind}.`);
};

/** Work behind the gate: what it set aside for an order that comes to nothing is given back at once. */
export const behindGate = async <Answer extends { readonly kind: string }>(
  gate: OrderGate,
  request: OrderRequest,
  work: () => Promise<Answer>,
): Promise<Answer | Refused> => {
  const passage = await gate.pass(request);
  if (passage.kind === 'refused') return passage;
  try {
    const answer = await work();
    if (answer.kind === 'refused') await passage.giveBack();
    return answer;
  } catch (error) {
    await passage.giveBack();
    throw error;
  }
};
