/**
 * The payment process: money that was captured buys its order or goes back. Every step is a command with one
 * effect, so that an event that is delivered again changes nothing.
 */
import type { CommandContext } from '../../commands/ports.ts';
import type { PaymentState, Refund } from '../../domain/payment/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { Process, ProcessEvent } from '../runner.ts';
import {
  handles,
  isRefundSettled,
  type PaymentFlowEvent,
  type RefundAttempt,
  type RefundPatience,
  type Step,
  stepAfterConfirming,
  stepOf,
} from './flow.ts';
import type { PaymentProcessDeps } from './ports.ts';

export type { RefundPatience } from './flow.ts';
export type * from './ports.ts';
export { retryDueRefunds } from './retries.ts';

export const PAYMENT_PROCESS = 'payment';

export const createPaymentProcess = (
  deps: PaymentProcessDeps,
  patience?: RefundPatience,
): Process<PaymentFlowEvent> => ({
  name: PAYMENT_PROCESS,
  handles,
  react: (event) => take(deps, stepOf(event, patience), contextOf(event)),
});

const contextOf = (event: ProcessEvent<PaymentFlowEvent>): CommandContext => ({
  commandId: `${PAYMENT_PROCESS}/${event.stream}@${event.revision}`,
  correlationId: event.metadata.correlationId,
  actor: PAYMENT_PROCESS,
});

const take = async (deps: PaymentProcessDeps, step: Step, context: CommandContext): Promise<void> => {
  switch (step.kind) {
    case 'confirm_payment': {
      const next = stepAfterConfirming(await deps.sale(step.programId).submit(step.command, context));
      if (next !== undefined) await take(deps, next, context);
      return;
    }
    case 'request_refund': {
      const { command } = step;
      const { paymentNumber, refundId } = command;
      const outcome = await deps.payment(paymentNumber).submit({ ...command, nowMs: deps.nowMs() }, context);
      if (outcome.kind === 'refused' && !isRefundSettled(outcome)) {
        deps.onProblem({ code: outcome.code, paymentNumber, refundId });
      }
      return;
    }
    case 'ask_provider':
      return askProvider(deps, step, context);
    case 'retry_refund': {
      const { kind: _, ...retry } = step;
      return deps.retries.schedule({ ...retry, correlationId: context.correlationId });
    }
    case 'give_up_refund': {
      const { paymentNumber, refundId } = step;
      deps.onProblem({ code: 'refund_given_up', paymentNumber, refundId });
      return;
    }
    default:
      return unreachable(step);
  }
};

type Asked = { readonly provider: string; readonly refund: Refund };

/** Undefined when the refund has gone on since: it has ended, or is at a later attempt. */
const askedFor = (state: PaymentState, { refundId, attempt }: RefundAttempt): Asked | undefined => {
  if (state.kind === 'unrequested') return undefined;
  const refund = state.refunds.find((known) => known.refundId === refundId);
  if (refund?.status !== 'requested' || refund.attempt !== attempt) return undefined;
  return { provider: state.request.provider, refund };
};

const askProvider = async (
  deps: PaymentProcessDeps,
  asking: RefundAttempt,
  context: CommandContext,
): Promise<void> => {
  const { paymentNumber, refundId, attempt } = asking;
  const payment = deps.payment(paymentNumber);
  const asked = await payment.ask((state) => askedFor(state, asking));
  if (asked === undefined) return;
  const provider = deps.provider(asked.provider);
  if (provider === undefined) throw new Error(`There is no provider ${asked.provider} to refund with.`);
  const { providerReference, amountMinor, currency } = asked.refund;
  const charge = { paymentNumber, providerReference, amountMinor, currency };
  const answer = await provider.refund({ refundId, attempt, ...charge });
  if (answer.kind === 'accepted') return;
  const { code } = answer;
  const nowMs = deps.nowMs();
  await payment.submit(
    { type: 'RecordRefundFailed', paymentNumber, refundId, attempt, code, nowMs },
    context,
  );
};
