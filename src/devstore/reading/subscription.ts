/** The life of a subscription: what is stored, then what arrives, with checkpoints between what a filter hides. */
import { createLatch, type ResponseStream, writeAndWait } from '../calls.ts';
import type { Log } from '../store/log.ts';
import type { StoredRecord } from '../store/record.ts';
import type { Writer } from '../store/writer.ts';
import { CAUGHT_UP, encodeCheckpoint, encodeEvent, FELL_BEHIND } from '../wire/read-response.ts';
import type { Filter } from './filter.ts';
import { resolve } from './links.ts';
import type { EventCursor, Page } from './source.ts';

export type ReadContext = {
  readonly log: Log;
  readonly writer: Writer;
  readonly resolveLinks: boolean;
  readonly structuredId: boolean;
};

export const sendRecords = async (
  call: ResponseStream,
  { log, resolveLinks, structuredId }: ReadContext,
  records: readonly StoredRecord[],
): Promise<void> => {
  for (const record of records) {
    if (call.cancelled) return;
    const drained = writeAndWait(call, encodeEvent(resolve(log, record, resolveLinks), structuredId));
    if (drained !== undefined) await drained;
  }
};

/** Runs until the call is gone. A turn to live is announced once, and again after falling behind. */
export const subscribe = async (
  call: ResponseStream,
  context: ReadContext,
  cursor: EventCursor,
  filter: Filter | undefined,
): Promise<void> => {
  const news = createLatch();
  const unwatch = context.writer.onAdvance(news.raise);
  call.once('cancelled', news.raise);
  let live = false;
  let sinceCheckpoint = 0;
  try {
    while (!call.cancelled) {
      news.lower();
      const page = cursor.next(
        Number.POSITIVE_INFINITY,
        filter && filter.checkpointInterval - sinceCheckpoint,
      );
      await sendRecords(call, context, page.records);
      sinceCheckpoint += page.considered;
      const dueAtTurn = !live && page.atEnd && cursor.lastPosition() >= 0;
      if (filter && (sinceCheckpoint >= filter.checkpointInterval || dueAtTurn)) {
        await writeAndWait(call, encodeCheckpoint(cursor.lastPosition()));
        sinceCheckpoint = 0;
      }
      live = await announce(call, live, page);
      if (page.atEnd) await news.wait();
    }
  } finally {
    unwatch();
  }
};

/** A live subscription that finds more than a page waiting has fallen behind. */
const announce = async (call: ResponseStream, live: boolean, page: Page): Promise<boolean> => {
  const full = !page.atEnd && page.records.length > LIVE_BACKLOG_EVENTS;
  if (!live && page.atEnd) await writeAndWait(call, CAUGHT_UP);
  if (live && full) await writeAndWait(call, FELL_BEHIND);
  return live ? !full : page.atEnd;
};

const LIVE_BACKLOG_EVENTS = 128;
