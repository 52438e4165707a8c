/**
 * A payment provider to try everything with: it has its own tables, a page where a buyer pays or declines,
 * and tells the engine by signed callbacks over HTTP. The engine treats it like any other.
 */
import { readCallbackBody } from '../callback-body.ts';
import type { CallbackVerdict, PaymentProvider, RefundRequest } from '../provider.ts';
import { ProviderError } from '../provider.ts';
import { checkSignature, SIGNATURE_HEADER } from '../signature.ts';
import {
  type Charge,
  type ChargeAnswer,
  chargeOf,
  decline,
  type Oddity,
  pay,
  refund,
  requestCharge,
} from './charges.ts';
import { type DeliveryDeps, deliverCallbacks } from './delivery.ts';

export type { Charge, ChargeAnswer, Oddity } from './charges.ts';

export const SIMULATED = 'simulated';

export type SimulatedProviderDeps = DeliveryDeps & {
  /** The address of a charge's page, as a buyer's browser reaches it. */
  readonly payUrlOf: (chargeId: string) => string;
  /** Makes a refund fail with this code. By default none does. */
  readonly refundFailure?: (request: RefundRequest) => string | undefined;
  /** Called when a callback is owed, so that it need not wait for the next round. */
  readonly onOwed?: () => void;
};

export type SimulatedProvider = PaymentProvider & {
  readonly chargeOf: (chargeId: string) => Promise<Charge | undefined>;
  readonly pay: (chargeId: string, odd?: Oddity) => Promise<ChargeAnswer>;
  readonly decline: (chargeId: string) => Promise<ChargeAnswer>;
  /**
   * Tries what is due once, and answers how many were taken. Call it every second or so, and when one is
   * owed.
   */
  readonly deliver: () => Promise<number>;
};

/** Its functions reject with the database's own errors, those of `PaymentProvider` with ProviderError. */
export const createSimulatedProvider = (deps: SimulatedProviderDeps): SimulatedProvider => {
  const { db, nowMs } = deps;
  const owed = <Answer>(answer: Answer): Answer => {
    deps.onOwed?.();
    return answer;
  };
  return {
    name: SIMULATED,
    requestCharge: async (request) => {
      const chargeId = await orProviderError(requestCharge(db, request));
      return { payUrl: deps.payUrlOf(chargeId) };
    },
    refund: async (request) =>
      owed(await orProviderError(refund(db, request, deps.refundFailure?.(request), nowMs()))),
    verifyCallback: (header, rawBody, now) => verify(deps, header(SIGNATURE_HEADER), rawBody, now),
    chargeOf: (chargeId) => chargeOf(db, chargeId),
    pay: async (chargeId, odd) => owed(await pay(db, chargeId, nowMs(), odd)),
    decline: async (chargeId) => owed(await decline(db, chargeId, nowMs())),
    deliver: () => deliverCallbacks(deps),
  };
};

const verify = (
  { key }: Pick<DeliveryDeps, 'key'>,
  signature: string | undefined,
  rawBody: Uint8Array,
  nowMs: number,
): CallbackVerdict => {
  const verdict = checkSignature(key, signature, rawBody, nowMs);
  if (verdict !== 'valid') return { kind: 'refused', code: verdict };
  const notice = readCallbackBody(rawBody);
  return notice === undefined ? { kind: 'refused', code: 'invalid_request' } : { kind: 'verified', notice };
};

const orProviderError = async <Answer>(work: Promise<Answer>): Promise<Answer> => {
  try {
    return await work;
  } catch (cause) {
    throw new ProviderError('The simulated provider cannot reach its tables.', { cause });
  }
};
