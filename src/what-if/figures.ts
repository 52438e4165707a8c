/** What a sale came to, in figures that a recorded sale and a replayed one have in common. */
import { hallInSale, type SaleEvent, type SaleState } from '../domain/sale/index.ts';

export type Counts = Readonly<Record<string, number>>;

export type Figures = {
  readonly orders: {
    readonly placed: number;
    /** By reason; of the recorded sale, only those of the queue are known. */
    readonly refused: Counts;
    readonly repeated: number;
    readonly paid: number;
    readonly cancelled: number;
    readonly expired: number;
    /** Wait for their payment where the log ends. */
    readonly open: number;
    readonly refunded: number;
    readonly latePaymentsSeated: number;
    readonly latePaymentsRefused: number;
    /** Would have been paid, and had expired by then. */
    readonly tooLateToPay: number;
  };
  readonly holds: {
    readonly taken: number;
    readonly refused: Counts;
    readonly ordered: number;
    readonly released: number;
    readonly expired: number;
  };
  /** Where the log ends. */
  readonly seats: {
    readonly capacity: number;
    readonly sold: number;
    readonly held: number;
    /** Single free seats between taken ones: only a party of one can use them. */
    readonly stranded: number;
  };
  /** Of the orders for two or more, when they were placed. */
  readonly parties: { readonly together: number; readonly inTwoRows: number; readonly apart: number };
  /** In the minor unit of the sale's currency. */
  readonly money: {
    readonly capturedMinor: number;
    readonly refundedMinor: number;
    readonly revenueMinor: number;
  };
};

export type Tally = {
  readonly happened: (event: SaleEvent) => void;
  /** A refusal that leaves no event. */
  readonly refused: (what: 'orders' | 'holds', code: string) => void;
  readonly lost: (what: 'tooLateToPay' | 'latePaymentsRefused') => void;
  readonly figures: (end: SaleState) => Figures;
};

export function createTally(): Tally {
  const orders = {
    ...{ placed: 0, repeated: 0, paid: 0, cancelled: 0, expired: 0, refunded: 0 },
    ...{ latePaymentsSeated: 0, latePaymentsRefused: 0, tooLateToPay: 0 },
  };
  const holds = { taken: 0, ordered: 0, released: 0, expired: 0 };
  const parties = { together: 0, inTwoRows: 0, apart: 0 };
  const money = { capturedMinor: 0, refundedMinor: 0 };
  const refused = { orders: new Map<string, number>(), holds: new Map<string, number>() };
  const open = new Set<string>();
  const count = (what: 'orders' | 'holds', code: string): void => {
    refused[what].set(code, (refused[what].get(code) ?? 0) + 1);
  };
  const sums = { orders, holds, parties, money, open, count };
  return {
    happened: (event) => add(sums, event),
    refused: count,
    lost: (what) => {
      orders[what] += 1;
    },
    figures: (end) => {
      const { capturedMinor, refundedMinor } = money;
      return {
        orders: { ...orders, refused: inOrder(refused.orders), open: open.size },
        holds: { ...holds, refused: inOrder(refused.holds) },
        seats: hallInSale(end),
        parties: { ...parties },
        money: { ...money, revenueMinor: capturedMinor - refundedMinor },
      };
    },
  };
}

type Sums = {
  readonly orders: Record<
    | 'placed'
    | 'repeated'
    | 'paid'
    | 'cancelled'
    | 'expired'
    | 'refunded'
    | 'latePaymentsSeated'
    | 'latePaymentsRefused',
    number
  >;
  readonly holds: Record<'taken' | 'ordered' | 'released' | 'expired', number>;
  readonly parties: Record<keyof Figures['parties'], number>;
  readonly money: Record<'capturedMinor' | 'refundedMinor', number>;
  readonly open: Set<string>;
  readonly count: (what: 'orders' | 'holds', code: string) => void;
};

const CLOSENESS = { row: 'together', unseated: 'together', two_rows: 'inTwoRows', apart: 'apart' } as const;

function add({ orders, holds, parties, money, open, count }: Sums, event: SaleEvent): void {
  switch (event.type) {
    case 'SeatsHeld':
      holds.taken += 1;
      break;
    case 'HoldReleased':
      holds.released += 1;
      break;
    case 'HoldExpired':
      holds.expired += 1;
      break;
    case 'OrderPlaced':
      orders.placed += 1;
      if (event.data.holdToken !== undefined) holds.ordered += 1;
      if (event.data.tickets.length > 1) parties[CLOSENESS[event.data.together]] += 1;
      open.add(event.data.orderNumber);
      break;
    case 'OrderRepeated':
      orders.repeated += 1;
      break;
    case 'OrderRejected':
      count('orders', event.data.code);
      break;
    case 'OrderCancelled':
      orders.cancelled += 1;
      open.delete(event.data.orderNumber);
      break;
    case 'OrderExpired':
      orders.expired += 1;
      open.delete(event.data.orderNumber);
      break;
    case 'OrderReseated':
      orders.latePaymentsSeated += 1;
      break;
    case 'LatePaymentRefused':
      orders.latePaymentsRefused += 1;
      break;
    case 'OrderPaid':
      orders.paid += 1;
      money.capturedMinor += event.data.amountMinor;
      open.delete(event.data.orderNumber);
      break;
    case 'OrderRefunded':
      orders.refunded += 1;
      money.refundedMinor += event.data.amountMinor;
      break;
    default:
      // What says nothing about demand: the sale's own hours, and tickets that follow a payment.
      break;
  }
}

const inOrder = (counts: ReadonlyMap<string, number>): Counts =>
  Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
