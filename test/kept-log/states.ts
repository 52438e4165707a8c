/** What the kept log makes of each stream, in words that outlive the shape of a state in memory. */
import { accountDecider } from '../../src/domain/account/index.ts';
import { auditTrailDecider } from '../../src/domain/audit-trail/index.ts';
import { orderQueueDecider } from '../../src/domain/order-queue/index.ts';
import { paymentDecider } from '../../src/domain/payment/index.ts';
import { programDecider } from '../../src/domain/program/index.ts';
import { projectionDecider } from '../../src/domain/projection/index.ts';
import {
  type OrderInSale,
  orderInSale,
  type SaleEvent,
  type SaleState,
  saleDecider,
} from '../../src/domain/sale/index.ts';
import { salePlanDecider } from '../../src/domain/sale-plan/index.ts';
import type { OrderNumber } from '../../src/domain/shared/ids.ts';
import {
  accountCodec,
  auditTrailCodec,
  orderQueueCodec,
  paymentCodec,
  programCodec,
  projectionCodec,
  saleCodec,
  salePlanCodec,
} from '../../src/event-catalogue.ts';
import { type Codec, categoryOf, type StoredEvent, type StreamName } from '../../src/eventstore/index.ts';

type Fold = (stored: readonly StoredEvent[]) => unknown;

const folds: Readonly<Record<string, Fold>> = {
  Account: foldBy(accountDecider, accountCodec),
  OrderQueue: foldBy(orderQueueDecider, orderQueueCodec),
  Payment: foldBy(paymentDecider, paymentCodec),
  Program: foldBy(programDecider, programCodec),
  AuditTrail: foldBy(auditTrailDecider, auditTrailCodec),
  Projection: (stored) => {
    const events = decoded(projectionCodec, stored);
    const { skipped } = events.reduce(projectionDecider.evolve, projectionDecider.initial());
    const swaps = events.filter(({ type }) => type !== 'ProjectionEventSkipped');
    const { type, data } = swaps.at(-1) ?? {};
    return { skipped: [...skipped], lastSwap: { type, data } };
  },
  SalePlan: foldBy(salePlanDecider, salePlanCodec),
  Sale: (stored) => {
    const events = decoded(saleCodec, stored);
    return saleInWords(events.reduce(saleDecider.evolve, saleDecider.initial()), events);
  },
};

/** By stream. Throws for a category that nobody folds: an aggregate is missing here. */
export function statesOf(log: readonly StoredEvent[]): Readonly<Record<string, unknown>> {
  const streams = new Map<string, StoredEvent[]>();
  for (const stored of log) streams.set(stored.stream, [...(streams.get(stored.stream) ?? []), stored]);
  return Object.fromEntries(
    [...streams].map(([stream, stored]) => {
      const fold = folds[categoryOf(stream as StreamName)];
      if (fold === undefined) throw new Error(`Say in test/kept-log/states.ts how ${stream} is folded.`);
      return [stream, fold(stored)];
    }),
  );
}

function foldBy<Event extends { readonly type: string }, State>(
  { initial, evolve }: { initial: () => State; evolve: (state: State, event: Event) => State },
  codec: Codec<Event>,
): Fold {
  return (stored) => decoded(codec, stored).reduce(evolve, initial());
}

function decoded<Event extends { readonly type: string }>(
  codec: Codec<Event>,
  log: readonly StoredEvent[],
): Event[] {
  return log.map((stored) => {
    const known = codec.decode(stored);
    if (known.kind === 'unknown')
      throw new Error(`${stored.type} of ${stored.stream} is not known any more.`);
    return known.event;
  });
}

function saleInWords(state: SaleState, events: readonly SaleEvent[]): object {
  const { book } = state;
  if (book === undefined) throw new Error('A sale begins with SaleStarted.');
  const orders: Record<string, OrderInSale> = {};
  for (const orderNumber of orderNumbers(events)) orders[orderNumber] = orderInSale(state, orderNumber);
  const holders = [...book.seating.holderOfSeat];
  return {
    orders,
    held: [...book.held],
    sold: [...book.sold],
    takenSeats: holders.flatMap((holder, seat) => (holder === 0 ? [] : [seat])),
    window: [...book.window],
    isClosed: book.closed[0] === 1,
    lanes: [...book.lanes].flatMap((revision, lane) => (revision === -1 ? [] : [[lane, revision]])),
  };
}

function orderNumbers(events: readonly SaleEvent[]): OrderNumber[] {
  return events.flatMap((event) => (event.type === 'OrderPlaced' ? [event.data.orderNumber] : []));
}
