/**
 * A program from the first order to the last refund, decided by the real domain: sale, payments, queue, and what the
 * processes make of them, as the log has it in the end.
 */
import type { QueuedOrder } from '../../src/domain/order-queue/index.ts';
import {
  type PaymentCommand,
  type PaymentEvent,
  type PaymentState,
  paymentDecider,
  paymentStream,
} from '../../src/domain/payment/index.ts';
import {
  type SaleCommand,
  type SaleEvent,
  type SaleTerms,
  saleDecider,
  saleStream,
} from '../../src/domain/sale/index.ts';
import type { PaymentNumber, UserId } from '../../src/domain/shared/ids.ts';
import {
  handles,
  type PaymentFlowEvent,
  type Step as PaymentStep,
  stepAfterConfirming,
  stepOf,
} from '../../src/processes/payment/flow.ts';
import { charge } from '../domain/payment/fixtures.ts';
import { commandsOf, type Step } from '../domain/sale/arbitraries.ts';
import { HOLD_TTL_MS, idOf, NOW_MS, PAYMENT_TTL_MS } from '../domain/sale/fixtures.ts';
import { createModel, follow, knownTo } from '../domain/sale/model.ts';
import { queued, type Told } from './story.ts';

export const ELSEWHERE = 'another-program';

/** All that happened, in the order it did; nothing is left to do. */
export function wholeProgram(terms: SaleTerms, story: readonly Step[]): Told[] {
  const log: Told[] = [];
  const state = saleDecider.initial();
  const model = createModel(terms);
  const payments = new Map<PaymentNumber, PaymentState>();
  let nextInLane = 0;
  let clockMs = NOW_MS;

  /** Before a decision about the lane's entry there is the entry; what was in between is of another program. */
  const fillLane = (event: SaleEvent, command: SaleCommand): void => {
    if (!('queue' in event.data) || event.data.queue === undefined) return;
    const { orderNumber, buyer, queue } = event.data;
    for (; nextInLane <= queue.revision; nextInLane += 1) {
      const isOurs = nextInLane === queue.revision;
      const other = { programId: ELSEWHERE as typeof terms.programId, deadlineMs: Number.MAX_SAFE_INTEGER };
      const number = isOurs ? Number(orderNumber) : 1_000_000 + nextInLane;
      write(queued(number, isOurs ? { buyer, ...askedBy(command) } : other));
    }
  };
  const write = (told: Told): void => {
    log.push({ ...told, recordedAtMs: clockMs });
  };
  const tellSale = (command: SaleCommand) => {
    if ('nowMs' in command) clockMs = Math.max(clockMs, command.nowMs);
    const { outcome, events } = saleDecider.decide(command, state);
    for (const event of events) {
      fillLane(event, command);
      saleDecider.evolve(state, event);
      if (event.type !== 'SaleStarted') follow(model, event);
      write({ stream: saleStream(terms.programId), event });
    }
    for (const event of events) react(event);
    return outcome;
  };
  const tellPayment = (command: PaymentCommand): void => {
    const { paymentNumber } = command;
    const before = payments.get(paymentNumber) ?? paymentDecider.initial();
    const { events } = paymentDecider.decide(command, before);
    payments.set(paymentNumber, events.reduce(paymentDecider.evolve, before));
    for (const event of events) write({ stream: paymentStream(paymentNumber), event });
    for (const event of events) react(event);
  };
  /** As the payment process does. */
  const react = (event: SaleEvent | PaymentEvent): void => {
    if (isHandled(event)) take(stepOf(event));
  };
  const take = (step: PaymentStep | undefined): void => {
    if (step?.kind === 'confirm_payment') take(stepAfterConfirming(tellSale(step.command)));
    else if (step?.kind === 'request_refund') tellPayment({ ...step.command, nowMs: NOW_MS });
    else if (step?.kind === 'ask_provider') complete(step.paymentNumber, step.refundId);
  };
  const complete = (paymentNumber: PaymentNumber, refundId: string): void => {
    const request = log.find(
      ({ event }) => event.type === 'RefundRequested' && event.data.refundId === refundId,
    )?.event;
    if (request?.type !== 'RefundRequested') throw new Error(`Nobody asked for refund ${refundId}.`);
    const { amountMinor, currency, refundId: known } = request.data;
    tellPayment({
      ...{ type: 'RecordRefundCompleted', paymentNumber, refundId: known },
      ...{ amountMinor, currency, nowMs: NOW_MS },
    });
  };
  /** Nobody gives a direct order the number of a queued one: the sale remembers none that it rejected. */
  const isNumberOfQueued = (command: SaleCommand): boolean =>
    command.type === 'PlaceOrder' &&
    command.queue === undefined &&
    log.some(({ event }) => event.type === 'OrderQueued' && event.data.orderNumber === command.orderNumber);
  const buyerOf = (orderNumber: string): UserId => {
    const order = knownTo(model).orders.find((one) => one.order === orderNumber);
    return idOf.user(order?.buyer ?? 'buyer-0');
  };
  const pay = ({
    orderNumber,
    paymentNumber,
    amountMinor,
  }: SaleCommand & { type: 'ConfirmPayment' }): void => {
    const { programId, currency } = terms;
    const asked = { paymentNumber, orderNumber, programId, amountMinor, currency, nowMs: NOW_MS };
    const providerReference = charge(`ch-${paymentNumber}`);
    const buyer = buyerOf(orderNumber);
    tellPayment({ ...asked, type: 'RequestPayment', buyer, provider: 'simulated' });
    tellPayment({
      type: 'RecordCapture',
      paymentNumber,
      providerReference,
      amountMinor,
      currency,
      nowMs: NOW_MS,
    });
  };

  tellSale({ type: 'StartSale', terms });
  for (const command of commandsOf(story, () => knownTo(model))) {
    if (command.type === 'ConfirmPayment') pay(command);
    else if (!isNumberOfQueued(command)) tellSale(command);
  }
  const nowMs = NOW_MS + (story.length + 1) * (PAYMENT_TTL_MS + HOLD_TTL_MS);
  for (const { order } of knownTo(model).orders) {
    tellSale({ type: 'IssueTickets', orderNumber: idOf.order(order) });
    tellSale({ type: 'ExpireOrder', nowMs, orderNumber: idOf.order(order) });
  }
  for (const { hold } of knownTo(model).holds) {
    tellSale({ type: 'ExpireHold', nowMs, holdToken: idOf.hold(hold) });
  }
  return log;
}

/** What the entry of the lane says of the order that was decided from it. */
function askedBy(command: SaleCommand): Partial<QueuedOrder> {
  if (command.type !== 'PlaceOrder') return {};
  const { requestId, ticketUsers, want } = command;
  return { requestId, ticketUsers, want, deadlineMs: command.nowMs + 1 };
}

const isHandled = (event: SaleEvent | PaymentEvent): event is PaymentFlowEvent =>
  handles.some((type) => type === event.type);
