/**
 * What a provider says becomes a fact of its payment. A callback that comes again, late or out of order has
 * one effect; one that nobody can vouch for has none.
 */
import type {
  PaymentCommand,
  PaymentOutcome,
  PaymentRefusalCode,
  PaymentState,
} from '../domain/payment/index.ts';
import { unreachable } from '../domain/shared/event.ts';
import type { PaymentNumber } from '../domain/shared/ids.ts';
import type { CallbackVerdict, PaymentProvider, ProviderNotice } from '../payments/provider.ts';
import type { CommandContext } from './ports.ts';
import { recall, type WarmStream } from './warm-stream.ts';

export type TakeCallbackDeps = {
  readonly payment: (
    paymentNumber: PaymentNumber,
  ) => Pick<WarmStream<PaymentCommand, PaymentState, PaymentOutcome>, 'submit' | 'ask' | 'peek'>;
  readonly provider: (name: string) => PaymentProvider | undefined;
  readonly nowMs: () => number;
};

export type Callback = {
  readonly provider: string;
  readonly header: (name: string) => string | undefined;
  readonly rawBody: Uint8Array;
};

export type CallbackAnswer =
  /** It is in the log, now or before, or counts for nothing any more: the provider need not send it again. */
  | { readonly kind: 'taken'; readonly outcome: Exclude<PaymentOutcome['kind'], 'refused'> }
  | {
      readonly kind: 'refused';
      readonly code:
        | 'unknown_provider'
        | Extract<CallbackVerdict, { kind: 'refused' }>['code']
        | PaymentRefusalCode;
    };

/** Rejects with OverloadedError, or with what the log rejects with; the provider sends it again then. */
export const takeCallback = async (
  deps: TakeCallbackDeps,
  { provider: name, header, rawBody }: Callback,
  context: CommandContext,
): Promise<CallbackAnswer> => {
  const provider = deps.provider(name);
  if (provider === undefined) return { kind: 'refused', code: 'unknown_provider' };
  const nowMs = deps.nowMs();
  const verdict = provider.verifyCallback(header, rawBody, nowMs);
  if (verdict.kind === 'refused') return verdict;
  const payment = deps.payment(verdict.notice.paymentNumber);
  // A provider speaks of its own payments only: the key of one must not be good for another's.
  const provides = await recall(payment, (state) =>
    state.kind === 'requested' ? state.request.provider : undefined,
  );
  if (provides !== name) return { kind: 'refused', code: 'payment_not_found' };
  const outcome = await payment.submit(commandOf(verdict.notice, nowMs), context);
  if (outcome.kind === 'refused') return { kind: 'refused', code: outcome.code };
  return { kind: 'taken', outcome: outcome.kind };
};

const commandOf = (notice: ProviderNotice, nowMs: number): PaymentCommand => {
  switch (notice.kind) {
    case 'captured': {
      const { kind: _, ...capture } = notice;
      return { type: 'RecordCapture', nowMs, ...capture };
    }
    case 'failed': {
      const { kind: _, ...failure } = notice;
      return { type: 'RecordFailure', nowMs, ...failure };
    }
    case 'refund_completed': {
      const { kind: _, ...completion } = notice;
      return { type: 'RecordRefundCompleted', nowMs, ...completion };
    }
    case 'refund_failed': {
      const { kind: _, ...failure } = notice;
      return { type: 'RecordRefundFailed', nowMs, ...failure };
    }
    default:
      return unreachable(notice);
  }
};
