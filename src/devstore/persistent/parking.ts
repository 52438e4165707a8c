/**
 * The messages a group has given up: links in a stream of its own, so that anybody can look at them. A replay
 * reads them from there; `$tb` moves behind those that were answered, so a replay cut short loses nothing.
 */
import { randomBytes } from 'node:crypto';
import { resolve } from '../reading/links.ts';
import { type EventCursor, readableRow, streamForwards } from '../reading/source.ts';
import type { IdentifiedEvent } from '../store/append.ts';
import { eventOf, type Log, recordAt } from '../store/log.ts';
import { undelete } from '../store/metadata.ts';
import { dataOf } from '../store/record.ts';
import { firstReadableRevision } from '../store/stream-row.ts';
import type { Writer } from '../store/writer.ts';
import { type GroupName, parkedStreamOf } from './names.ts';
import { messageOf } from './source.ts';
import type { Message, ParkOrder } from './state.ts';

/** A reason is a client's own words: what is longer is cut. */
const MAX_REASON_CHARACTERS = 1_000;
const NO_DEADLINE = Number.POSITIVE_INFINITY;

export type Parking = {
  /** Resolves when the message is durably among the parked. Rejects when the store cannot write. */
  readonly park: (order: ParkOrder, resolveLinks: boolean) => Promise<void>;
  /** Asks for the parked messages up to, and without, revision `stopAt`. */
  readonly replay: (stopAt: number) => void;
  readonly isReplaying: () => boolean;
  /** The next messages that were asked for. */
  readonly next: (maxEvents: number) => readonly Message[];
  /** The revision that a replay goes on from. */
  readonly nextRevision: () => number;
  /** Parked, and not on their way again. */
  readonly count: () => number;
  /** Forgets the parked messages before this revision. Rejects when the store cannot write. */
  readonly truncateBefore: (revision: number) => Promise<void>;
};

export const openParking = (log: Log, writer: Writer, name: GroupName): Parking => {
  const stream = parkedStreamOf(name);
  const row = () => readableRow(log, stream);
  const firstParked = (): number => {
    const current = row();
    return current === undefined ? 0 : firstReadableRevision(current);
  };
  let next = firstParked();
  let stopAt = next;
  let cursor: EventCursor = streamForwards(log, { stream, from: next, nowMs: Date.now });
  return {
    park: async (order, resolveLinks) => {
      const event = parkedEvent(log, order, resolveLinks);
      const outcome = await writer.append(stream, 'any', [event], NO_DEADLINE, event.data.length);
      if (outcome.kind !== 'written') throw new Error(`stream '${stream}' takes no events: ${outcome.kind}`);
    },
    replay: (asked) => {
      const end = (row()?.lastRevision ?? -1) + 1;
      stopAt = Math.max(stopAt, Math.min(asked, end));
      next = Math.max(next, firstParked());
      cursor = streamForwards(log, { stream, from: next, nowMs: Date.now });
    },
    isReplaying: () => next < stopAt,
    next: (maxEvents) => {
      const { records, atEnd } = cursor.next(Math.min(maxEvents, stopAt - next));
      const before = null;
      const messages = records.map((record) =>
        messageOf(record, { place: record.revision, before, replayed: true, pin: targetOf(log, record) }),
      );
      next = atEnd ? stopAt : (messages.at(-1)?.place ?? next - 1) + 1;
      return messages;
    },
    nextRevision: () => next,
    count: () => {
      const current = row();
      return current === undefined ? 0 : current.lastRevision + 1 - Math.max(next, firstParked());
    },
    truncateBefore: async (revision) => {
      if (revision <= firstParked() || row() === undefined) return;
      const event = undelete(metadataOf(log, stream), revision);
      await writer.append(`$$${stream}`, 'any', [event], NO_DEADLINE, event.data.length);
    },
  };
};

const targetOf = (log: Log, link: Parameters<typeof resolve>[1]): string =>
  resolve(log, link, true).event?.stream ?? link.stream;

const metadataOf = (log: Log, stream: string): Buffer | undefined => {
  const metastream = `$$${stream}`;
  const row = readableRow(log, metastream);
  return row && dataOf(eventOf(log, metastream, row, row.lastRevision));
};

/** A link to the event itself; where the message was a link that leads nowhere, the same link again. */
const parkedEvent = (log: Log, { message, reason }: ParkOrder, resolveLinks: boolean): IdentifiedEvent => {
  const record = recordAt(log, message.position);
  const { event } = resolve(log, record, resolveLinks || message.replayed);
  const metadata = {
    added: new Date().toISOString(),
    reason: reason.slice(0, MAX_REASON_CHARACTERS),
    subscriptionEventNumber: record.revision,
  };
  return {
    id: randomBytes(16),
    type: '$>',
    contentType: 'application/octet-stream',
    metadata: Buffer.from(JSON.stringify(metadata)),
    data: event === undefined ? dataOf(record) : Buffer.from(`${event.revision}@${event.stream}`),
  };
};

/** Deletes the parked messages of a group that is no more. */
export const forgetParked = async (log: Log, writer: Writer, name: GroupName): Promise<void> => {
  const stream = parkedStreamOf(name);
  if (readableRow(log, stream) !== undefined) await writer.delete(stream, 'any');
};
