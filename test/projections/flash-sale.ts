/** A flash sale as the log has it: every event decided by the aggregates, in streams that grow side by side. */
import { createHash } from 'node:crypto';
import { paymentNumberOf } from '../../src/commands/payment-number.ts';
import { type PaymentCommand, paymentDecider, paymentStream } from '../../src/domain/payment/index.ts';
import { type SaleCommand, type SaleTerms, saleDecider, saleStream } from '../../src/domain/sale/index.ts';
import {
  idDocumentHashSchema,
  type OrderNumber,
  type PaymentNumber,
  requestIdSchema,
  ticketUserIdSchema,
  type UserId,
  userIdSchema,
} from '../../src/domain/shared/ids.ts';
import {
  type Numbered,
  type NumberGenerator,
  nextOrderNumber,
  ORDER_EPOCH_MS,
  startGenerator,
} from '../../src/domain/shared/order-number.ts';
import type { EngineEvent } from '../../src/projections/registry.ts';
import { charge, refundId } from '../domain/payment/fixtures.ts';
import { idOf, NOW_MS, terms } from '../domain/sale/fixtures.ts';

export type InStream = { readonly stream: string; readonly event: EngineEvent };

const SEATS_PER_ROW = 40;
/** Orders that are in the same state at the same time. */
const WAVE = 100;
const YEAR_MS = 365 * 86_400_000;

type Bought = {
  readonly orderNumber: OrderNumber;
  readonly paymentNumber: PaymentNumber;
  readonly buyer: UserId;
  readonly amountMinor: ReturnType<typeof idOf.money>;
};

/**
 * One or two seats an order. Of ten orders nine are paid and issued, and one is cancelled; every fiftieth that was
 * paid is refunded in full, after a first attempt that failed.
 */
export function flashSale(
  orders: number,
  { program = 'flash-sale', buyerOf = (name: string) => uuid(name), workerId = 1 } = {},
): readonly InStream[] {
  const rows = Math.ceil((orders * 3) / 2 / SEATS_PER_ROW) + 2;
  const sale = terms({
    programId: program,
    layout: [
      {
        kind: 'seated',
        id: 'stalls',
        priceMinor: 500,
        sections: [{ name: 'Hall', rows: [{ rows: `1-${rows}`, seats: `1-${SEATS_PER_ROW}` }] }],
      },
    ],
    limits: { perOrder: 4, perBuyer: 1_000_000 },
    oneTicketPerIdDocument: false,
  });
  const { events, tell } = teller(sale);
  const number = numbers(workerId);
  tell.sale({ type: 'StartSale', terms: sale });
  for (let from = 0; from < orders; from += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, orders - from) }, (_, nth) => {
      const count = 1 + ((from + nth) % 2);
      const name = `${program}-${from + nth}`;
      const buyer = userIdSchema.parse(buyerOf(name));
      const bought = { ...number(buyer), buyer, amountMinor: idOf.money(count * 500) };
      tell.sale(placeOrder(name, bought, count));
      return bought;
    });
    const paid = wave.filter(({ orderNumber, buyer }, nth) => {
      if (nth % 10 !== 9) return true;
      tell.sale({ type: 'CancelOrder', orderNumber, buyer });
      return false;
    });
    for (const bought of paid) tell.payment(requestOf(bought, sale));
    for (const { orderNumber, paymentNumber, amountMinor } of paid) {
      const { currency } = sale;
      const providerReference = charge(`ch_${paymentNumber}`);
      const common = { paymentNumber, nowMs: NOW_MS };
      tell.payment({ ...common, type: 'RecordCapture', providerReference, amountMinor, currency });
      tell.sale({ type: 'ConfirmPayment', orderNumber, paymentNumber, amountMinor });
    }
    for (const { orderNumber } of paid) tell.sale({ type: 'IssueTickets', orderNumber });
    for (const bought of paid.filter((_, nth) => nth % 50 === 0)) giveBack(tell, bought, sale);
  }
  return events;
}

type Tell = {
  readonly sale: (command: SaleCommand) => void;
  readonly payment: (command: PaymentCommand) => void;
};

function teller({ programId }: SaleTerms): { readonly events: readonly InStream[]; readonly tell: Tell } {
  const events: InStream[] = [];
  const state = saleDecider.initial();
  const payments = new Map<PaymentNumber, ReturnType<typeof paymentDecider.initial>>();
  return {
    events,
    tell: {
      sale: (command) => {
        const decided = saleDecider.decide(command, state);
        if (decided.events.length === 0) throw new Error(JSON.stringify(decided.outcome));
        for (const event of decided.events) {
          saleDecider.evolve(state, event);
          events.push({ stream: saleStream(programId), event });
        }
      },
      payment: (command) => {
        const before = payments.get(command.paymentNumber) ?? paymentDecider.initial();
        const decided = paymentDecider.decide(command, before);
        if (decided.events.length === 0) throw new Error(JSON.stringify(decided.outcome));
        payments.set(command.paymentNumber, decided.events.reduce(paymentDecider.evolve, before));
        for (const event of decided.events) {
          events.push({ stream: paymentStream(command.paymentNumber), event });
        }
      },
    },
  };
}

const placeOrder = (name: string, { orderNumber, buyer }: Bought, count: number): SaleCommand => ({
  type: 'PlaceOrder',
  nowMs: NOW_MS,
  orderNumber,
  buyer,
  requestId: requestIdSchema.parse(digest(name)),
  ticketUsers: Array.from({ length: count }, (_, nth) => ({
    ticketUser: ticketUserIdSchema.parse(uuid(`${name} ${nth}`)),
    idDocument: idDocumentHashSchema.parse(digest(`${name} ${nth}`)),
  })),
  want: { by: 'category', category: idOf.category('stalls'), count },
});

const requestOf = (
  { orderNumber, paymentNumber, buyer, amountMinor }: Bought,
  { programId, currency }: SaleTerms,
): PaymentCommand => ({
  type: 'RequestPayment',
  ...{ orderNumber, paymentNumber, programId, buyer, amountMinor, currency },
  provider: 'simulated',
  nowMs: NOW_MS,
});

function giveBack(tell: Tell, { orderNumber, paymentNumber, amountMinor }: Bought, sale: SaleTerms): void {
  const common = { paymentNumber, nowMs: NOW_MS, refundId: refundId(`r-${paymentNumber}`) };
  tell.sale({ type: 'RefundOrder', orderNumber });
  tell.payment({ ...common, type: 'RequestRefund', amountMinor, reason: 'operator' });
  tell.payment({ ...common, type: 'RecordRefundFailed', attempt: 1, code: 'bank_away' });
  tell.payment({ ...common, type: 'RetryRefund', attempt: 2 });
  tell.payment({ ...common, type: 'RecordRefundCompleted', amountMinor, currency: sale.currency });
}

/** Order numbers as a worker makes them, and the payment numbers that follow. */
function numbers(workerId: number): (buyer: UserId) => Pick<Bought, 'orderNumber' | 'paymentNumber'> {
  let generator = startGenerator({ workerId, fromMs: ORDER_EPOCH_MS, untilMs: ORDER_EPOCH_MS + YEAR_MS });
  const next = (make: (from: NumberGenerator) => Numbered): OrderNumber => {
    const numbered = make(generator);
    if (numbered.kind !== 'numbered') throw new Error(numbered.code);
    generator = numbered.generator;
    return numbered.number;
  };
  return (buyer) => {
    const nowMs = ORDER_EPOCH_MS + YEAR_MS / 2;
    const orderNumber = next((from) => nextOrderNumber(from, buyer, Math.max(nowMs, from.lastMs)));
    return { orderNumber, paymentNumber: paymentNumberOf(orderNumber, 1) };
  };
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
const uuid = (text: string): string =>
  digest(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
