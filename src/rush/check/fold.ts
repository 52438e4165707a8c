/**
 * Folds everything the log says about one program, event by event, and holds each event against the
 * promises. Its own fold: it shares the stored format with the sale that decides, and nothing else.
 */
import type { OrderQueueEvent } from '../../domain/order-queue/index.ts';
import type { PaymentEvent } from '../../domain/payment/index.ts';
import type { SaleEvent, SaleTerms } from '../../domain/sale/index.ts';
import type { Findings } from './findings.ts';
import { createLimits } from './limits.ts';
import { type Balance, createBooks } from './money.ts';
import type { HoldInLog, OrderInLog, QueuedInLog } from './orders.ts';
import { createPlaces, type SeatStatus, type Stock } from './places.ts';
import { foldSaleEvent } from './sale-events.ts';
import type { SaleFold } from './sale-fold.ts';

export type LogEvent = (SaleEvent | PaymentEvent | OrderQueueEvent) & {
  readonly stream: string;
  readonly revision: bigint;
  readonly recordedAtMs: number;
};

export type LogFold = {
  /** In the order of the log. Events of other programs must not be given. */
  readonly apply: (event: LogEvent) => void;
  /** Judges what can be judged at the end of the log only. */
  readonly close: (quietSinceMs: number) => Folded;
};

export type Folded = {
  /** Undefined when the program has no sale. */
  readonly terms: SaleTerms | undefined;
  readonly events: number;
  /** Of the sale's stream; -1 when it has none. */
  readonly saleRevision: bigint;
  /** After that, Redis may forget it. */
  readonly saleEnded: boolean;
  readonly orders: ReadonlyMap<string, OrderInLog>;
  readonly holds: ReadonlyMap<string, HoldInLog>;
  /** By order number. */
  readonly queued: ReadonlyMap<string, QueuedInLog>;
  readonly stock: readonly Stock[];
  readonly seatStatus: (seat: number) => SeatStatus | undefined;
  readonly balance: Balance;
};

export function createLogFold(findings: Findings): LogFold {
  const books = createBooks(findings);
  const queued = new Map<string, QueuedInLog>();
  const queuedAt = new Map<string, QueuedInLog>();
  let sale: SaleFold | undefined;
  let events = 0;
  let saleRevision = -1n;
  let saleEnded = false;

  const applySale = (event: LogEvent & SaleEvent): void => {
    saleRevision = event.revision;
    saleEnded ||= event.type === 'SaleEnded';
    if (event.type === 'SaleStarted') {
      const { data: terms } = event;
      const places = createPlaces(terms, findings);
      const limits = createLimits(terms, findings);
      sale = {
        ...{ terms, places, limits, books, findings, queued, queuedAt },
        ...{ orders: new Map(), holds: new Map(), requests: new Map() },
      };
    } else if (sale === undefined) {
      findings.broken('seats', `${event.type} at revision ${event.revision} of a sale that never started`);
    } else {
      foldSaleEvent(sale, event);
    }
  };
  return {
    apply: (event) => {
      events += 1;
      if (event.type === 'OrderQueued') queue(queued, queuedAt, event, findings);
      else if (isPayment(event)) books.payment(event, event.recordedAtMs);
      else applySale(event);
    },
    close: (quietSinceMs) => {
      const balance = books.close(quietSinceMs);
      const { orders = new Map(), holds = new Map(), terms, places } = sale ?? {};
      const { stock = () => [], statusOf: seatStatus = () => undefined } = places ?? {};
      return {
        ...{ terms, events, saleRevision, saleEnded, orders, holds, queued },
        ...{ stock: stock(), seatStatus, balance },
      };
    },
  };
}

const isPayment = (event: LogEvent): event is LogEvent & PaymentEvent => event.stream.startsWith('Payment-');

/** A lane's revision is what the sale's answer names; the number is what the buyer was told. */
function queue(
  queued: Map<string, QueuedInLog>,
  queuedAt: Map<string, QueuedInLog>,
  { data, stream, revision }: LogEvent & OrderQueueEvent,
  findings: Findings,
): void {
  const { orderNumber, buyer, deadlineMs } = data;
  const entry: QueuedInLog = { orderNumber, buyer, deadlineMs, end: undefined };
  const lane = Number(stream.slice(stream.indexOf('-') + 1));
  if (queued.has(orderNumber)) findings.broken('requests', `order ${orderNumber} was queued twice`);
  queued.set(orderNumber, entry);
  queuedAt.set(`${lane}/${revision}`, entry);
}
