/** What a group reads: its stream or `$all`, from a place on, as messages. */
import { resolve } from '../reading/links.ts';
import { allForwards, type EventCursor, streamForwards } from '../reading/source.ts';
import { type Log, recordAt, recordBefore, rowOf, seekForward } from '../store/log.ts';
import { eventIdOf, type StoredRecord } from '../store/record.ts';
import { ALL, parkedStreamOf } from './names.ts';
import { compiledFilter, type GroupSettings, type StartFrom } from './settings.ts';
import type { Message } from './state.ts';
import type { GroupRow } from './store.ts';

type SourcePage = {
  readonly messages: readonly Message[];
  /** The last place looked at, null while there was none. */
  readonly considered: number | null;
  /** Events that no consumer will get. */
  readonly passedOver: number;
  readonly atEnd: boolean;
};

export type Source = {
  readonly next: (maxEvents: number) => SourcePage;
  /** The last place there is, null where there is none. */
  readonly lastPlace: () => number | null;
};

/** The place that a group made now begins with. */
export const beginningOf = (log: Log, stream: string, startFrom: StartFrom): number => {
  if (startFrom === 'start') return 0;
  if (startFrom !== 'end') return startFrom;
  return stream === ALL ? log.endPosition : (rowOf(log, stream)?.lastRevision ?? -1) + 1;
};

export const openSource = (log: Log, row: GroupRow): Source =>
  row.stream === ALL ? allSource(log, row) : streamSource(log, row);

const streamSource = (log: Log, { stream, beginAt, checkpoint, settings }: GroupRow): Source => {
  const from = checkpoint === null ? beginAt : checkpoint + 1;
  const cursor = streamForwards(log, { stream, from, nowMs: Date.now });
  let considered = checkpoint;
  return {
    lastPlace: () => {
      const last = rowOf(log, stream)?.lastRevision ?? -1;
      return last < 0 ? null : last;
    },
    next: (maxEvents) => {
      // What was tombstoned is gone for readers; the group stays where it is.
      if (rowOf(log, stream)?.tombstoned) return { messages: [], considered, passedOver: 0, atEnd: true };
      const page = cursor.next(maxEvents);
      const messages = messagesOf(log, settings, page.records, considered, (record) => record.revision);
      considered = messages.at(-1)?.place ?? considered;
      return { messages, considered, passedOver: 0, atEnd: page.atEnd };
    },
  };
};

const allSource = (log: Log, row: GroupRow): Source => {
  const { checkpoint, settings } = row;
  const filter = compiledFilter(settings.filter);
  const own = parkedStreamOf(row);
  const from = checkpoint === null ? row.beginAt : behind(log, checkpoint);
  // A group that is given what it parked would park that as well, and never come to an end.
  const matches = (record: StoredRecord): boolean =>
    record.stream !== own && record.stream !== `$$${own}` && (filter?.matches(record) ?? true);
  const cursor: EventCursor = allForwards(log, from, { matches, checkpointInterval: 1 });
  let considered = checkpoint;
  return {
    lastPlace: () => recordBefore(log, log.endPosition)?.position ?? null,
    next: (maxEvents) => {
      const page = cursor.next(maxEvents);
      const messages = messagesOf(log, settings, page.records, considered, (record) => record.position);
      if (cursor.lastPosition() >= 0) considered = cursor.lastPosition();
      return { messages, considered, passedOver: page.considered - messages.length, atEnd: page.atEnd };
    },
  };
};

const behind = (log: Log, position: number): number => {
  const at = seekForward(log, position);
  return at === position && at < log.endPosition ? recordAt(log, at).nextPosition : at;
};

const messagesOf = (
  log: Log,
  settings: GroupSettings,
  records: readonly StoredRecord[],
  considered: number | null,
  placeOf: (record: StoredRecord) => number,
): readonly Message[] => {
  let before = considered;
  return records.map((record) => {
    const place = placeOf(record);
    const message = messageOf(record, { place, before, replayed: false, pin: pinOf(log, settings, record) });
    before = place;
    return message;
  });
};

export const messageOf = (
  record: StoredRecord,
  known: Pick<Message, 'place' | 'before' | 'replayed' | 'pin'>,
): Message => ({
  ...known,
  position: record.position,
  id: eventIdOf(record).toString('hex'),
  retryCount: 0,
});

/** Only Pinned asks for the stream of the event itself, and only then is a link worth following here. */
const pinOf = (log: Log, { strategy, resolveLinks }: GroupSettings, record: StoredRecord): string => {
  if (strategy !== 'Pinned') return '';
  return resolve(log, record, resolveLinks).event?.stream ?? record.stream;
};
