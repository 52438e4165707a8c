/** What the dispatch modes share: everything but how a command is coordinated and when it is acknowledged. */
import type { PlaceOrder, Refused, SaleCommand, SaleOutcome, SaleState } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { OrderNumbers } from '../order-numbers.ts';
import type { OrderAnswer, OrderRequest } from '../place-order.ts';
import type { CommandContext } from '../ports.ts';
import type { WarmStream } from '../warm-stream.ts';

/** Let through the gate; `giveBack` frees what it set aside, for an order that came to nothing. */
export type Passage = { readonly kind: 'passed'; readonly giveBack: () => Promise<void> };

/** May refuse an order that cannot succeed, and may let any through: the sale decides. Never rejects. */
export type OrderGate = { readonly pass: (request: OrderRequest) => Promise<Passage | Refused> };

export type DispatchDeps = {
  readonly gate: OrderGate;
  readonly numbers: OrderNumbers;
  readonly sale: (programId: ProgramId) => WarmStream<SaleCommand, SaleState, SaleOutcome>;
  /** The documents of the ticket users, or undefined where one of them is not the buyer's. */
  readonly ticketUsersOf: (request: OrderRequest) => Promise<PlaceOrder['ticketUsers'] | undefined>;
  readonly nowMs: () => number;
};

/** Rejects with OverloadedError, NoNumberError, or what the log rejects with. */
export type Dispatch = (
  deps: DispatchDeps,
  request: OrderRequest,
  context: CommandContext,
) => Promise<OrderAnswer>;
