/** What the dispatch modes share: everything but how a command is coordinated and when it is acknowledged. */
import type { PlaceOrder, Refused, SaleCommand, SaleOutcome, SaleState } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { NoNumberError, type OrderNumbers } from '../order-numbers.ts';
import {
  type Offer,
  type OrderAnswer,
  type OrderRequest,
  placeOrderCommand,
  refusalOf,
  refused,
} from '../place-order.ts';
import type { CommandContext } from '../ports.ts';
import { OverloadedError, type WarmStream } from '../warm-stream.ts';

/** Let through the gate. Neither function rejects. */
export type Passage = {
  readonly kind: 'passed';
  /** Frees what was set aside, for an order that is known to have come to nothing. */
  readonly giveBack: () => Promise<void>;
  /**
   * The log has the request: as an order, so that its buyer has none under way any more, or in the queue. It will be
   * let through whenever it comes again.
   */
  readonly confirm: (as: 'placed' | 'queued') => Promise<void>;
};

/** What the gate may say without asking the log. */
export type GateRefused =
  | Refused
  /** The buyer has another order of the program under way; the sale itself would take both. */
  | { readonly kind: 'refused'; readonly code: 'duplicate_submission' };

/** May refuse an order that cannot succeed, and may let any through: the sale decides. Never rejects. */
export type OrderGate = { readonly pass: (request: OrderRequest) => Promise<Passage | GateRefused> };

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

type Prepared = { readonly kind: 'prepared'; readonly command: PlaceOrder };

/**
 * What comes first in every mode: the checks that need no lock, the buyer's people, an order number. Rejects with
 * OverloadedError, NoNumberError, or what the log rejects with.
 */
export const prepareOrder = async (deps: DispatchDeps, request: OrderRequest): Promise<Prepared | Refused> =>
  (await checkOrder(deps, request)) ?? completeOrder(deps, request);

const checkOrder = async (deps: DispatchDeps, request: OrderRequest): Promise<Refused | undefined> => {
  const wrong = refusalOf(request, await deps.offerOf(request.programId));
  return wrong === undefined ? undefined : refused(wrong);
};

const completeOrder = async (deps: DispatchDeps, request: OrderRequest): Promise<Prepared | Refused> => {
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

/**
 * Prepares an order behind the gate and has it decided: who has no chance costs no look at the log. What the gate set
 * aside for an order that comes to nothing is given back at once. Where the work fails, the log may have the order all
 * the same: then nothing is given back, and the gate keeps letting this request through to its answer. Rejects as
 * `prepareOrder` and the work do.
 */
export const behindGate = async <Answer extends { readonly kind: string }>(
  deps: DispatchDeps,
  request: OrderRequest,
  work: (command: PlaceOrder) => Promise<Answer>,
): Promise<Answer | GateRefused> => {
  const wrong = await checkOrder(deps, request);
  if (wrong !== undefined) return wrong;
  const passage = await deps.gate.pass(request);
  if (passage.kind === 'refused') return passage;
  try {
    const prepared = await completeOrder(deps, request);
    const answer = prepared.kind === 'refused' ? prepared : await work(prepared.command);
    if (answer.kind === 'refused') await passage.giveBack();
    // Not awaited: a Redis that is late must not make a placed order late. The buyer's next order follows it on the
    // same connection; at another node it can at worst be told to come again.
    if (answer.kind === 'order_placed') void passage.confirm('placed');
    if (answer.kind === 'order_queued') void passage.confirm('queued');
    return answer;
  } catch (error) {
    if (error instanceof OverloadedError || error instanceof NoNumberError) await passage.giveBack();
    throw error;
  }
};
