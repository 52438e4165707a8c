/**
 * The log as audits read it: events of sales, the queue and payments, decoded, in pages. What they ask is pure over
 * these pages; who opens the stores is outside.
 */
import type { OrderQueueEvent } from '../domain/order-queue/index.ts';
import type { PaymentEvent } from '../domain/payment/index.ts';
import type { SaleEvent } from '../domain/sale/index.ts';
import type { OrderNumber, ProgramId } from '../domain/shared/ids.ts';

export type AuditedEvent = OrderQueueEvent | PaymentEvent | SaleEvent;

export type InLog = {
  readonly stream: string;
  readonly revision: bigint;
  /** Commit position in the log of all streams. */
  readonly position: bigint;
  /** Milliseconds since 1970, by the event store's clock. */
  readonly recordedAtMs: number;
  readonly metadata: {
    readonly correlationId: string;
    readonly causationId: string;
    readonly actor: string;
    /** Not recorded by older releases, and by nothing but orders. */
    readonly mode?: string | undefined;
  };
};

export type LogEvent = AuditedEvent & InLog;
export type OrderEvent = Extract<LogEvent, { readonly data: { readonly orderNumber: unknown } }>;

export type Place = Pick<InLog, 'position' | 'recordedAtMs'>;

export type LogPage = {
  /** Those of sales, the queue and payments, in the order of the reading. */
  readonly events: readonly LogEvent[];
  /** Sentences about events of these kinds that cannot be read as what they claim to be. */
  readonly unreadable: readonly string[];
  /** The first and the last event of the page in the order of the reading, whatever kind they are of. */
  readonly first: Place;
  readonly last: Place;
};

export type LogEnd = {
  /** Of the last event. */
  readonly position: bigint;
  /** Positions from one event to the next, on average of the last ones; 1 or more. */
  readonly spacing: number;
};

/**
 * Each rejects with what the store rejects with. No page is empty of everything; a page may have no `events`. With `of`,
 * events that name another program are left out, which saves decoding them.
 */
export type AuditLog = {
  /** In stream order from this revision on; nothing for a missing stream. */
  readonly read: (stream: string, from?: bigint, of?: ProgramId) => AsyncIterable<LogPage>;
  /** Against stream order, from this revision, or the end. */
  readonly readBackwards: (stream: string, from?: bigint) => AsyncIterable<LogPage>;
  /** Whether anything was ever written there, readable or not. */
  readonly has: (stream: string) => Promise<boolean>;
  /** Undefined where there is none, or none that can be read. */
  readonly eventAt: (stream: string, revision: bigint) => Promise<LogEvent | undefined>;
  /**
   * Revision of the first event of the stream that is not `before`, where all are up to some event and none behind it;
   * where all are, of the next to be written.
   */
  readonly revisionFrom: (stream: string, before: (place: Place) => boolean) => Promise<bigint>;
  /** All streams, from the event at this position on. */
  readonly all: (from: bigint | 'start', of?: ProgramId) => AsyncIterable<LogPage>;
  /** All streams, the newest first. */
  readonly allBackwards: () => AsyncIterable<LogPage>;
  /** Undefined for an empty log. */
  readonly end: () => Promise<LogEnd | undefined>;
};

export const isOfSomeOrder = (event: LogEvent): event is OrderEvent => 'orderNumber' in event.data;

export const isOfOrder = (event: LogEvent, orderNumber: OrderNumber): event is OrderEvent =>
  'orderNumber' in event.data && event.data.orderNumber === orderNumber;

export const byPosition = (one: Place, other: Place): number =>
  one.position < other.position ? -1 : Number(one.position > other.position);

/** The pages of a reading backwards, up to and with the first that is older than this altogether. */
export async function* downTo(
  pages: AsyncIterable<LogPage>,
  sinceMs: number,
): AsyncGenerator<LogPage, void, undefined> {
  for await (const page of pages) {
    yield page;
    if (page.first.recordedAtMs < sinceMs && page.last.recordedAtMs < sinceMs) return;
  }
}

/**
 * The pages of a reading forwards, up to and with the first of which nothing is wanted: what comes behind it is later still.
 * Rejects with the reason of the signal.
 */
export async function* untilPast(
  pages: AsyncIterable<LogPage>,
  isWanted: (place: Place) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<LogPage, void, undefined> {
  for await (const page of pages) {
    signal?.throwIfAborted();
    yield page;
    if (!isWanted(page.first) && !isWanted(page.last)) return;
  }
}
