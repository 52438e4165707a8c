/** What the payment process needs of the outside, as types. */
import type { CommandContext } from '../../commands/ports.ts';
import type { PaymentCommand, PaymentOutcome, PaymentState } from '../../domain/payment/index.ts';
import type { SaleCommand, SaleOutcome } from '../../domain/sale/index.ts';
import type { PaymentNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { PaymentProvider } from '../../payments/provider.ts';
import type { RefundAttempt } from './flow.ts';

/** An aggregate that decides commands durably, as a warm stream does. */
export type Submits<Command, Outcome> = {
  readonly submit: (command: Command, context: CommandContext) => Promise<Outcome>;
};

export type PaymentAggregate = Submits<PaymentCommand, PaymentOutcome> & {
  readonly ask: <Answer>(question: (state: PaymentState) => Answer) => Promise<Answer>;
};

export type ScheduledRetry = RefundAttempt & { readonly dueMs: number; readonly correlationId: string };

/** Refunds that failed and are to be tried again: kept until they were, across restarts. */
export type RefundRetries = {
  /** Repeating it changes nothing. */
  readonly schedule: (retry: ScheduledRetry) => Promise<void>;
  readonly due: (nowMs: number, limit: number) => Promise<readonly ScheduledRetry[]>;
  readonly done: (retry: RefundAttempt) => Promise<void>;
};

export type PaymentProblem = {
  /** `refund_given_up`, or the code of a refusal that nothing was expected to lead to. */
  readonly code: string;
  readonly paymentNumber: PaymentNumber;
  readonly refundId?: string;
};

export type PaymentProcessDeps = {
  readonly sale: (programId: ProgramId) => Submits<SaleCommand, SaleOutcome>;
  readonly payment: (paymentNumber: PaymentNumber) => PaymentAggregate;
  /** Undefined for a name that no configured provider has. */
  readonly provider: (name: string) => Pick<PaymentProvider, 'refund'> | undefined;
  readonly retries: RefundRetries;
  readonly nowMs: () => number;
  /** Money that a person has to look after; the log says the same for ever. */
  readonly onProblem: (problem: PaymentProblem) => void;
};
