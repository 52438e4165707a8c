/** The log as audits read it, over the event store: decoded, in pages, with what cannot be read named and not hidden. */
import type { AuditLog, LogEnd, LogEvent, LogPage, Place } from '../audit/log.ts';
import { ORDER_QUEUE_CATEGORY, orderQueueEventSpecs } from '../domain/order-queue/index.ts';
import { PAYMENT_CATEGORY, paymentEventSpecs } from '../domain/payment/index.ts';
import { SALE_CATEGORY, saleEventSpecs, saleStream } from '../domain/sale/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import {
  CorruptEventError,
  categoryOf,
  createCodec,
  type EventStore,
  type StoredEvent,
  type StreamName,
} from '../eventstore/index.ts';

const PAGE_GROWTH = 4;

type PageSizes = { readonly firstEvents: number; readonly maxEvents: number };
/** What is wanted is often near where a reading begins, and a page costs by its events. */
const PAGES: PageSizes = { firstEvents: 64, maxEvents: 4_096 };

const codec = createCodec([...saleEventSpecs, ...paymentEventSpecs, ...orderQueueEventSpecs]);
const AUDITED: ReadonlySet<string> = new Set([SALE_CATEGORY, PAYMENT_CATEGORY, ORDER_QUEUE_CATEGORY]);

type Store = Pick<EventStore, 'readPage' | 'readAllPage'>;
type Source = Store & { readonly pages: PageSizes };

/** Pages begin with 64 events and grow to 4,096 unless told otherwise. */
export const createAuditLog = ({ readPage, readAllPage }: Store, pages = PAGES): AuditLog =>
  auditLogOver({ readPage, readAllPage, pages });

const auditLogOver = (store: Source): AuditLog => ({
  read: (stream, from = 0n, of) => forwards(store, stream as StreamName, from, of),
  readBackwards: (stream, from) => backwards(store, stream as StreamName, from),
  has: (stream) => hasEvents(store, stream as StreamName),
  eventAt: async (stream, revision) => {
    const page = await store.readPage(stream as StreamName, { from: revision, maxCount: 1 });
    const stored = page.kind === 'events' ? page.events[0] : undefined;
    if (stored === undefined || stored.revision !== revision) return undefined;
    return pageOf([stored]).next().value?.events[0];
  },
  revisionFrom: (stream, before) => revisionFrom(store, stream as StreamName, before),
  all: (from, of) => allForwards(store, from, of),
  allBackwards: () => allBackwards(store),
  end: () => endOf(store),
});

const hasEvents = async (
  { readPage }: Pick<EventStore, 'readPage'>,
  stream: StreamName,
): Promise<boolean> => {
  const page = await readPage(stream, { maxCount: 1 });
  return page.kind === 'events' && page.events.length > 0;
};

/** The next page is under way while one is looked at. */
async function* forwards(
  store: Source,
  stream: StreamName,
  from: bigint,
  of: ProgramId | undefined,
): AsyncGenerator<LogPage> {
  let maxCount = store.pages.firstEvents;
  let reading = store.readPage(stream, { from, maxCount });
  for (;;) {
    const read = await reading;
    const events = read.kind === 'events' ? read.events : [];
    const last = events.at(-1);
    const isEnd = last === undefined || events.length < maxCount;
    if (!isEnd) {
      maxCount = larger(store, maxCount);
      reading = store.readPage(stream, { from: last.revision + 1n, maxCount });
      // Whoever stops reading early leaves it behind.
      reading.catch(() => undefined);
    }
    yield* pageOf(events, of);
    if (isEnd) return;
  }
}

/** Halves what is left to look at. */
const revisionFrom = async (
  store: Source,
  stream: StreamName,
  before: (place: Place) => boolean,
): Promise<bigint> => {
  const end = await store.readPage(stream, { direction: 'backwards', maxCount: 1 });
  const last = end.kind === 'events' ? end.events[0] : undefined;
  let [from, to] = [0n, last === undefined ? 0n : last.revision + 1n];
  while (from < to) {
    const middle = (from + to) / 2n;
    const page = await store.readPage(stream, { from: middle, maxCount: 1 });
    const found = page.kind === 'events' ? page.events[0] : undefined;
    if (found === undefined || !before(found)) to = middle;
    else from = found.revision + 1n;
  }
  return from;
};

const endOf = async (store: Source): Promise<LogEnd | undefined> => {
  const events = await store.readAllPage({ direction: 'backwards', maxCount: store.pages.firstEvents });
  const [last, first] = [events[0], events.at(-1)];
  if (last === undefined || first === undefined) return undefined;
  const spacing = Number(last.position - first.position) / Math.max(1, events.length - 1);
  return { position: last.position, spacing: Math.max(1, spacing) };
};

async function* backwards(
  store: Source,
  stream: StreamName,
  from: bigint | undefined,
): AsyncGenerator<LogPage> {
  let next: bigint | 'end' = from ?? 'end';
  for (let maxCount = store.pages.firstEvents; ; maxCount = larger(store, maxCount)) {
    const read = await store.readPage(stream, { direction: 'backwards', from: next, maxCount });
    const events = read.kind === 'events' ? read.events : [];
    yield* pageOf(events);
    const last = events.at(-1);
    if (last === undefined || events.length < maxCount || last.revision === 0n) return;
    next = last.revision - 1n;
  }
}

/** The next page is under way while one is looked at. It begins with the last event of the one before. */
async function* allForwards(
  store: Source,
  from: bigint | 'start',
  of: ProgramId | undefined,
): AsyncGenerator<LogPage> {
  let seen: bigint | undefined;
  let reading = store.readAllPage({ from, maxCount: store.pages.maxEvents });
  for (;;) {
    const read = await reading;
    const last = read.at(-1);
    const isEnd = last === undefined || read.length < store.pages.maxEvents;
    if (!isEnd) {
      reading = store.readAllPage({ from: last.position, maxCount: store.pages.maxEvents });
      // Whoever stops reading early leaves it behind.
      reading.catch(() => undefined);
    }
    yield* pageOf(
      read.filter(({ position }) => position !== seen),
      of,
    );
    if (isEnd) return;
    seen = last.position;
  }
}

async function* allBackwards(store: Source): AsyncGenerator<LogPage> {
  let next: bigint | 'end' = 'end';
  for (let maxCount = store.pages.firstEvents; ; maxCount = larger(store, maxCount)) {
    const events = await store.readAllPage({ direction: 'backwards', from: next, maxCount });
    yield* pageOf(events);
    const last = events.at(-1);
    if (last === undefined || events.length < maxCount) return;
    next = last.position;
  }
}

const larger = ({ pages }: Source, maxCount: number): number =>
  Math.min(maxCount * PAGE_GROWTH, pages.maxEvents);

/** None of nothing. */
function* pageOf(stored: readonly StoredEvent[], of?: ProgramId): Generator<LogPage> {
  const [first, last] = [stored[0], stored.at(-1)];
  if (first === undefined || last === undefined) return;
  const events: LogEvent[] = [];
  const unreadable: string[] = [];
  for (const one of stored) {
    if (!AUDITED.has(categoryOf(one.stream)) || (of !== undefined && isOfAnother(one, of))) continue;
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

/** Sales are told by their streams; events of payments and the queue name the program. What names none may be of this. */
const isOfAnother = ({ stream, data }: StoredEvent, programId: ProgramId): boolean => {
  if (categoryOf(stream) === SALE_CATEGORY) return stream !== saleStream(programId);
  if (typeof data !== 'object' || data === null || !('programId' in data)) return false;
  return typeof data.programId === 'string' && data.programId !== programId;
};
