/** Which events touch an order, and the codes they have in the index. Codes are stored: never change one. */
import type { OrderQueueEvent } from '../../domain/order-queue/index.ts';
import type { PaymentEvent } from '../../domain/payment/index.ts';
import type { SaleEvent } from '../../domain/sale/index.ts';

/** The events of sales that tell of one order; those an order begins with name its program in the index. */
type SaleOrderEvent = Extract<SaleEvent, { readonly data: { readonly orderNumber: unknown } }>;

export type IndexedEvent = OrderQueueEvent | SaleOrderEvent | PaymentEvent;
type Type = IndexedEvent['type'];

const SALE_CODES = {
  OrderPlaced: 10,
  OrderRepeated: 11,
  OrderRejected: 12,
  OrderCancelled: 13,
  OrderExpired: 14,
  OrderReseated: 15,
  OrderPaid: 16,
  LatePaymentRefused: 17,
  TicketsIssued: 18,
  OrderRefunded: 19,
} as const satisfies Record<SaleOrderEvent['type'], number>;

const PAYMENT_CODES = {
  PaymentRequested: 30,
  PaymentCaptured: 31,
  StrayPaymentCaptured: 32,
  PaymentFailed: 33,
  RefundRequested: 34,
  RefundCompleted: 35,
  RefundFailed: 36,
  RefundRetried: 37,
} as const satisfies Record<PaymentEvent['type'], number>;

const CODES: Readonly<Record<Type, number>> = { OrderQueued: 1, ...SALE_CODES, ...PAYMENT_CODES };

const isType = (name: string): name is Type => name in CODES;
export const indexedTypes: readonly Type[] = Object.keys(CODES).filter(isType);

const typeByCode = new Map(indexedTypes.map((type) => [CODES[type], type]));

export const codeOf = (type: Type): number => CODES[type];

/** Throws for a code that was never given: the row is of a later release. */
export const typeOf = (code: number): Type => {
  const type = typeByCode.get(code);
  if (type === undefined)
    throw new Error(`The event index has the type ${code}, which this release does not know.`);
  return type;
};

export const isSaleType = (type: Type): type is SaleOrderEvent['type'] => type in SALE_CODES;
export const isPaymentEvent = (event: IndexedEvent): event is PaymentEvent => event.type in PAYMENT_CODES;
