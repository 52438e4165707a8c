/** A sale as the log has it: its own stream, and the orders of the queue that it answers. */
import { laneStream, type QueuedOrder } from '../domain/order-queue/index.ts';
import { type QueuePosition, type SaleEvent, saleStream } from '../domain/sale/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { orderQueueCodec, saleCodec } from '../event-catalogue.ts';
import { CorruptEventError, type EventStore, type StreamName } from '../eventstore/index.ts';

/** `recordedAtMs` is by the event store's clock. */
export type RecordedEvent = { readonly event: SaleEvent; readonly recordedAtMs: number };

export type RecordedSale = {
  readonly programId: ProgramId;
  /** In stream order, from revision 0 on. */
  readonly events: readonly RecordedEvent[];
  /** By `queueKey`; those that the sale has answered. */
  readonly queued: ReadonlyMap<string, QueuedOrder>;
};

export const queueKey = ({ lane, revision }: QueuePosition): string => `${lane}/${revision}`;

/** Undefined for a program without a sale. Rejects with `EventStoreError`, or with `CorruptEventError`. */
export async function readRecordedSale(
  store: Pick<EventStore, 'read'>,
  programId: ProgramId,
): Promise<RecordedSale | undefined> {
  const events: RecordedEvent[] = [];
  for await (const page of store.read(saleStream(programId) as StreamName)) {
    for (const stored of page) {
      const decoded = saleCodec.decode(stored);
      if (decoded.kind === 'unknown')
        throw new CorruptEventError(stored, ['type: not known to this release']);
      const { type, data } = decoded.event;
      // The codec has tied the type to its data.
      events.push({ event: { type, data } as SaleEvent, recordedAtMs: stored.recordedAtMs });
    }
  }
  if (events.length === 0) return undefined;
  return { programId, events, queued: await readQueued(store, programId, events) };
}

type Span = { from: number; to: number };

/** A lane is shared by many programs: only the part that this sale has answered is read. */
async function readQueued(
  store: Pick<EventStore, 'read'>,
  programId: ProgramId,
  events: readonly RecordedEvent[],
): Promise<Map<string, QueuedOrder>> {
  const spans = new Map<number, Span>();
  for (const { event } of events) {
    const queue = 'queue' in event.data ? event.data.queue : undefined;
    if (queue === undefined) continue;
    const span = spans.get(queue.lane) ?? { from: queue.revision, to: queue.revision };
    spans.set(queue.lane, span);
    span.from = Math.min(span.from, queue.revision);
    span.to = Math.max(span.to, queue.revision);
  }
  const queued = new Map<string, QueuedOrder>();
  for (const [lane, { from, to }] of spans) {
    const stream = laneStream(lane) as StreamName;
    for await (const page of store.read(stream, BigInt(from))) {
      for (const stored of page) {
        const decoded = orderQueueCodec.decode(stored);
        const revision = Number(stored.revision);
        if (decoded.kind === 'unknown' || revision > to) continue;
        const { data } = decoded.event;
        if (data.programId === programId) queued.set(queueKey({ lane, revision }), data);
      }
      if (Number(page.at(-1)?.revision ?? 0) >= to) break;
    }
  }
  return queued;
}
