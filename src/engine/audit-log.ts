/** The log as audits read it, over the event store: decoded, in pages, with what cannot be read named and not hidden. */
import type { AuditLog, LogEvent, LogPage } from '../audit/log.ts';
import { ORDER_QUEUE_CATEGORY, orderQueueEventSpecs } from '../domain/order-queue/index.ts';
import { PAYMENT_CATEGORY, paymentEventSpecs } from '../domain/payment/index.ts';
import { SALE_CATEGORY, saleEventSpecs } from '../domain/sale/index.ts';
import {
  CorruptEventError,
  categoryOf,
  createCodec,
  type EventStore,
  type StoredEvent,
  type StreamName,
} from '../eventstore/index.ts';

/** What is wanted is often near where a reading begins, and a page costs by its events. */
const FIRST_PAGE_EVENTS = 64;
const PAGE_GROWTH = 4;
const MAX_PAGE_EVENTS = 4_096;

const codec = createCodec([...saleEventSpecs, ...paymentEventSpecs, ...orderQueueEventSpecs]);
const AUDITED: ReadonlySet<string> = new Set([SALE_CATEGORY, PAYMENT_CATEGORY, ORDER_QUEUE_CATEGORY]);

type Store = Pick<EventStore, 'readPage' | 'readAllPage'>;

export const createAuditLog = (store: Store): AuditLog => ({
  read: (stream, from = 0n) => forwards(store, stream as StreamName, from),
  readBackwards: (stream, from) => backwards(store, stream as StreamName, from),
  eventAt: async (stream, revision) => {
    const page = await store.readPage(stream as StreamName, { from: revision, maxCount: 1 });
    const stored = page.kind === 'events' ? page.events[0] : undefined;
    if (stored === undefined || stored.revision !== revision) return undefined;
    return pageOf([stored]).next().value?.events[0];
  },
  all: (from) => allForwards(store, from),
  allBackwards: () => allBackwards(store),
});

async function* forwards(store: Store, stream: StreamName, from: bigint): AsyncGenerator<LogPage> {
  for (let [next, maxCount] = [from, FIRST_PAGE_EVENTS]; ; maxCount = larger(maxCount)) {
    const read = await store.readPage(stream, { from: next, maxCount });
    const events = read.kind === 'events' ? read.events : [];
    yield* pageOf(events);
    const last = events.at(-1);
    if (last === undefined || events.length < maxCount) return;
    next = last.revision + 1n;
  }
}

async function* backwards(
  store: Store,
  stream: StreamName,
  from: bigint | undefined,
): AsyncGenerator<LogPage> {
  let next: bigint | 'end' = from ?? 'end';
  for (let maxCount = FIRST_PAGE_EVENTS; ; maxCount = larger(maxCount)) {
    const read = await store.readPage(stream, { direction: 'backwards', from: next, maxCount });
    const events = read.kind === 'events' ? read.events : [];
    yield* pageOf(events);
    const last = events.at(-1);
    if (last === undefined || events.length < maxCount || last.revision === 0n) return;
    next = last.revision - 1n;
  }
}

/** The next page is under way while one is looked at. It begins with the last event of the one before. */
async function* allForwards(store: Store, from: bigint | 'start'): AsyncGenerator<LogPage> {
  let seen: bigint | undefined;
  let reading = store.readAllPage({ from, maxCount: MAX_PAGE_EVENTS });
  for (;;) {
    const read = await reading;
    const last = read.at(-1);
    const isEnd = last === undefined || read.length < MAX_PAGE_EVENTS;
    if (!isEnd) {
      reading = store.readAllPage({ from: last.position, maxCount: MAX_PAGE_EVENTS });
      // Whoever stops reading early leaves it behind.
      reading.catch(() => undefined);
    }
    yield* pageOf(read.filter(({ position }) => position !== seen));
    if (isEnd) return;
    seen = last.position;
  }
}

async function* allBackwards(store: Store): AsyncGenerator<LogPage> {
  let next: bigint | 'end' = 'end';
  for (let maxCount = FIRST_PAGE_EVENTS; ; maxCount = larger(maxCount)) {
    const events = await store.readAllPage({ direction: 'backwards', from: next, maxCount });
    yield* pageOf(events);
    const last = events.at(-1);
    if (last === undefined || events.length < maxCount) return;
    next = last.position;
  }
}

const larger = (maxCount: number): number => Math.min(maxCount * PAGE_GROWTH, MAX_PAGE_EVENTS);

/** None of nothing. */
function* pageOf(stored: readonly StoredEvent[]): Generator<LogPage> {
  const [first, last] = [stored[0], stored.at(-1)];
  if (first === undefined || last === undefined) return;
  const events: LogEvent[] = [];
  const unreadable: string[] = [];
  for (const one of stored) {
    if (!AUDITED.has(categoryOf(one.stream))) continue;
    try {
      const decoded = codec.decode(one);
      if (decoded.kind === 'event') events.push(decoded.event);
    } catch (error) {
      if (!(error instanceof CorruptEventError)) throw error;
      unreadable.push(error.message);
    }
  }
  yield { events, unreadable, first, last };
}
