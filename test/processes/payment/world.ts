/**
 * A sale, its payments and a provider in memory, with a log that the processes follow: the real commands,
 * deciders and processes, and nothing between them that would put things in order.
 */
import { type PayOrderAnswer, payOrder } from '../../../src/commands/pay-order.ts';
import { type CallbackAnswer, takeCallback } from '../../../src/commands/take-callback.ts';
import {
  type PaymentEvent,
  type PaymentState,
  type ProviderReference,
  paymentDecider,
  paymentStream,
} from '../../../src/domain/payment/index.ts';
import {
  type OrderInSale,
  orderInSale,
  type SaleCommand,
  type SaleEvent,
  type SaleOutcome,
  saleDecider,
  saleStream,
} from '../../../src/domain/sale/index.ts';
import type { Decider } from '../../../src/domain/shared/decider.ts';
import type { OrderNumber, PaymentNumber, RefundId, UserId } from '../../../src/domain/shared/ids.ts';
import type { AmountMinor } from '../../../src/domain/shared/money.ts';
import { callbackBodyOf, readCallbackBody } from '../../../src/payments/callback-body.ts';
import type { ChargeRequest, PaymentProvider, ProviderNotice } from '../../../src/payments/provider.ts';
import { createIssuingProcess } from '../../../src/processes/issuing/index.ts';
import {
  createPaymentProcess,
  type PaymentProblem,
  type RefundRetries,
  retryDueRefunds,
  type ScheduledRetry,
} from '../../../src/processes/payment/index.ts';
import type { ProcessEvent } from '../../../src/processes/runner.ts';
import { NOW_MS, terms } from '../../domain/sale/fixtures.ts';

type AnyEvent = SaleEvent | PaymentEvent;
type Logged = ProcessEvent<AnyEvent>;

const CONTEXT = { commandId: 'c', correlationId: 'c', actor: 'test' };
const PROGRAM = terms().programId;
const SALE = saleStream(PROGRAM);

const aggregate = <Command, Event extends AnyEvent, State, Outcome>(
  decider: Decider<Command, Event, State, Outcome>,
  append: (events: readonly Event[]) => void,
) => {
  let state = decider.initial();
  return {
    submit: async (command: Command): Promise<Outcome> => {
      const { outcome, events } = decider.decide(command, state);
      for (const event of events) state = decider.evolve(state, event);
      append(events);
      return outcome;
    },
    ask: async <Answer>(question: (asked: State) => Answer): Promise<Answer> => question(state),
    peek: () => state,
    state: () => state,
  };
};

/** The provider's side of the truth. Its callbacks wait until a test delivers them. */
const createProvider = () => {
  const charges = new Map<PaymentNumber, ChargeRequest>();
  const captured = new Map<ProviderReference, number>();
  const refunded = new Map<
    RefundId,
    { readonly reference: ProviderReference; readonly amountMinor: number }
  >();
  const attempts = new Map<RefundId, number>();
  const notices: ProviderNotice[] = [];
  let refusesRefunds: 'at once' | 'later' | undefined;
  const provider: PaymentProvider = {
    name: 'simulated',
    requestCharge: async (request) => {
      if (!charges.has(request.paymentNumber)) charges.set(request.paymentNumber, request);
      return { payUrl: `https://pay.example/${request.paymentNumber}` };
    },
    refund: async (request) => {
      const {
        refundId,
        paymentNumber,
        providerReference: reference,
        amountMinor,
        currency,
        attempt,
      } = request;
      const isNew = !refunded.has(refundId) && attempt > (attempts.get(refundId) ?? 0);
      if (isNew && refusesRefunds === 'at once') return { kind: 'refused', code: 'bank_away' };
      if (isNew) attempts.set(refundId, attempt);
      if (isNew && refusesRefunds === 'later') {
        notices.push({ kind: 'refund_failed', paymentNumber, refundId, attempt, code: 'bank_away' });
        return { kind: 'accepted' };
      }
      if (isNew) refunded.set(refundId, { reference, amountMinor });
      if (refunded.has(refundId)) {
        notices.push({ kind: 'refund_completed', paymentNumber, refundId, amountMinor, currency });
      }
      return { kind: 'accepted' };
    },
    verifyCallback: (_header, rawBody) => {
      const notice = readCallbackBody(rawBody);
      if (notice === undefined) throw new Error('A callback that cannot be read.');
      return { kind: 'verified', notice };
    },
  };
  const take = (charge: ChargeRequest, name: string, amountMinor: AmountMinor): void => {
    const providerReference = `ch_${charge.paymentNumber}_${name}` as ProviderReference;
    if (captured.has(providerReference)) return;
    captured.set(providerReference, amountMinor);
    const { paymentNumber, currency } = charge;
    notices.push({ kind: 'captured', paymentNumber, providerReference, amountMinor, currency });
  };
  return {
    provider,
    charges,
    captured,
    refunded,
    notices,
    take,
    decline: ({ paymentNumber }: ChargeRequest) =>
      notices.push({ kind: 'failed', paymentNumber, code: 'declined' }),
    refuseRefunds: (how: 'at once' | 'later' | undefined) => {
      refusesRefunds = how;
    },
  };
};

const createRetries = (): RefundRetries & { readonly all: ScheduledRetry[] } => {
  const all: ScheduledRetry[] = [];
  const keyOf = ({ refundId, attempt }: Pick<ScheduledRetry, 'refundId' | 'attempt'>) =>
    `${refundId}/${attempt}`;
  return {
    all,
    schedule: async (retry) => {
      if (!all.some((known) => keyOf(known) === keyOf(retry))) all.push(retry);
    },
    due: async (nowMs) => all.filter(({ dueMs }) => dueMs <= nowMs),
    done: async (retry) => {
      const at = all.findIndex((known) => keyOf(known) === keyOf(retry));
      if (at !== -1) all.splice(at, 1);
    },
  };
};

export type World = ReturnType<typeof createWorld>;

export const createWorld = () => {
  const log: Logged[] = [];
  const problems: PaymentProblem[] = [];
  const cursors = new Map<string, number>();
  let nowMs = NOW_MS;
  const appendTo = (stream: string) => (events: readonly AnyEvent[]) => {
    for (const event of events) {
      const revision = BigInt(log.filter((known) => known.stream === stream).length);
      const place = { stream, revision, position: BigInt(log.length), recordedAtMs: nowMs };
      log.push({ ...event, ...place, metadata: { correlationId: 'c' } });
    }
  };
  const sale = aggregate(saleDecider, appendTo(SALE));
  const payments = new Map<PaymentNumber, ReturnType<typeof openPayment>>();
  const openPayment = (number: PaymentNumber) => aggregate(paymentDecider, appendTo(paymentStream(number)));
  const payment = (number: PaymentNumber) => {
    const known = payments.get(number) ?? openPayment(number);
    payments.set(number, known);
    return known;
  };
  const bank = createProvider();
  const retries = createRetries();
  const deps = {
    sale: () => sale,
    payment,
    provider: () => bank.provider,
    newPaymentsTo: bank.provider,
    isCancelled: async () => false,
    retries,
    nowMs: () => nowMs,
    onProblem: (problem: PaymentProblem) => problems.push(problem),
  };
  const processes = [createPaymentProcess(deps), createIssuingProcess(deps)];
  const react = async (event: Logged): Promise<void> => {
    for (const process of processes) {
      const handled: readonly string[] = process.handles;
      if (handled.includes(event.type)) await process.react(event as never);
    }
  };
  /** Reacts to the next event of the n-th stream that has one. */
  const reactToNext = async (nth: number): Promise<boolean> => {
    const rows = new Map<string, Logged[]>();
    for (const event of log) rows.set(event.stream, [...(rows.get(event.stream) ?? []), event]);
    const waiting = [...rows].filter(([stream, row]) => (cursors.get(stream) ?? 0) < row.length);
    const [stream, row] = waiting[nth % Math.max(1, waiting.length)] ?? [];
    if (stream === undefined || row === undefined) return false;
    const at = cursors.get(stream) ?? 0;
    const event = row[at];
    if (event !== undefined) await react(event);
    cursors.set(stream, at + 1);
    return true;
  };
  const deliver = (notice: ProviderNotice): Promise<CallbackAnswer> => {
    const rawBody = Buffer.from(callbackBodyOf(notice));
    return takeCallback(deps, { provider: 'simulated', header: () => undefined, rawBody }, CONTEXT);
  };
  return {
    log,
    problems,
    bank,
    payments,
    retries,
    submit: (command: SaleCommand): Promise<SaleOutcome> => sale.submit(command),
    pay: (orderNumber: OrderNumber, buyer: UserId): Promise<PayOrderAnswer> =>
      payOrder(deps, { orderNumber, buyer, programId: PROGRAM }, CONTEXT),
    orderOf: (orderNumber: OrderNumber): OrderInSale => orderInSale(sale.state(), orderNumber),
    paymentOf: (number: PaymentNumber): PaymentState => payment(number).state(),
    react,
    reactToNext,
    deliver,
    retryRefunds: () => retryDueRefunds(deps),
    wait: (delayMs: number) => {
      nowMs += delayMs;
    },
    nowMs: () => nowMs,
    typesOf: (stream?: string): string[] =>
      log.filter((event) => stream === undefined || event.stream === stream).map(({ type }) => type),
    /** Everything that is under way comes to its end, for as long as something follows from something. */
    settle: async (): Promise<void> => {
      for (let round = 0; round < 1_000; round++) {
        const notice = bank.notices.shift();
        if (notice !== undefined) await deliver(notice);
        else if (!(await reactToNext(0)) && (await retryDueRefunds(deps)) === 0) return;
      }
      throw new Error('It does not come to an end.');
    },
  };
};
