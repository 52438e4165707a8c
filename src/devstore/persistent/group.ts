/**
 * A group at work: reads its source into the state machine, hands messages to consumers no faster than they
 * take them, and keeps time. All of it happens in turns of bounded work, so that no group holds the loop.
 */
import { errorOfFailure } from '../errors.ts';
import type { Log } from '../store/log.ts';
import type { Writer } from '../store/writer.ts';
import { startCheckpointing } from './checkpointing.ts';
import { consumerDropped, subscriberLimitReached } from './errors.ts';
import { type Measurements, startMeasuring } from './measurements.ts';
import type { GroupName } from './names.ts';
import { openParking } from './parking.ts';
import {
  type Connection,
  deliver,
  drop,
  dropAll,
  type Entry,
  forgetReplayed,
  parkAll,
  type Running,
  readOn,
} from './running.ts';
import type { GroupSettings } from './settings.ts';
import { openSource } from './source.ts';
import {
  ack,
  expire,
  type GroupState,
  join,
  leave,
  type NackAction,
  nack,
  newGroupState,
  nextDueAtMs,
} from './state.ts';
import type { GroupRow } from './store.ts';

/** What settings may ask for at most. */
const MAX_BUFFER_EVENTS = 100_000;
/** A timer further off than this is set again: far ones overflow. */
const MAX_TIMER_MS = 60_000;

export type Member = {
  readonly drained: () => void;
  readonly ack: (ids: readonly string[]) => void;
  readonly nack: (ids: readonly string[], action: NackAction, reason: string) => void;
  readonly leave: () => void;
  /** The consumer asked to be dropped: what it held goes to others. */
  readonly stop: () => void;
};

/** A look at a group, for those who ask about it. */
export type GroupReport = {
  readonly row: GroupRow;
  readonly state: GroupState;
  readonly entries: readonly Entry[];
  readonly measurements: Measurements;
  readonly atEnd: boolean;
  readonly lastPlace: number | null;
  readonly parkedEvents: number;
  readonly isReplaying: boolean;
};

export type Group = {
  readonly name: GroupName;
  /** Throws `maximum-subscribers-reached`. */
  readonly join: (connection: Connection) => Member;
  /** Replays the parked messages before revision `stopAt` of the parked. */
  readonly replayParked: (stopAt: number) => void;
  readonly report: () => GroupReport;
  /** Drops the consumers and makes the checkpoint durable. Returns the row to go on from. */
  readonly close: () => GroupRow;
};

export const openGroup = (log: Log, writer: Writer, row: GroupRow): Group => {
  const name: GroupName = { stream: row.stream, group: row.group };
  let scheduled: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const schedule = (): void => {
    if (!closed) scheduled ??= setImmediate(turn);
  };
  const running = runningOf(log, writer, row, schedule);

  const turn = (): void => {
    scheduled = undefined;
    clearTimeout(timer);
    try {
      const dueAtMs = takeTurn(running);
      const waitMs = Math.min(MAX_TIMER_MS, Math.max(1, dueAtMs - Date.now()));
      if (dueAtMs !== Number.POSITIVE_INFINITY) timer = setTimeout(schedule, waitMs);
    } catch (error) {
      // A damaged record, most likely: nobody is told that a group goes on which cannot.
      dropAll(running, errorOfFailure(error));
    }
  };

  const stopWatching = writer.onAdvance(schedule);
  schedule();

  return {
    name,
    join: (connection) => {
      const { maxSubscriberCount } = row.settings;
      if (maxSubscriberCount > 0 && running.entries.size >= maxSubscriberCount) {
        throw subscriberLimitReached(name);
      }
      const consumer = join(running.state, connection.bufferEvents);
      const entry = { connection, consumer, measurements: startMeasuring(Date.now) };
      running.entries.set(consumer, entry);
      schedule();
      return memberOf(running, entry, name);
    },
    replayParked: (stopAt) => {
      running.parking.replay(stopAt);
      schedule();
    },
    report: () => reportOf(running),
    close: () => {
      closed = true;
      stopWatching();
      clearImmediate(scheduled);
      clearTimeout(timer);
      dropAll(running, consumerDropped(name));
      return running.checkpointing.saveLast();
    },
  };
};

const runningOf = (log: Log, writer: Writer, row: GroupRow, schedule: () => void): Running => {
  const { settings, checkpoint } = row;
  const state = newGroupState({ ...settings, bufferEvents: bufferEventsOf(settings) }, checkpoint);
  const parking = openParking(log, writer, row);
  return {
    log,
    settings,
    state,
    source: openSource(log, row),
    parking,
    checkpointing: startCheckpointing(log, state, row, Date.now()),
    measurements: startMeasuring(Date.now),
    entries: new Map(),
    schedule,
    atEnd: false,
    forgottenBefore: parking.nextRevision(),
    isForgetting: false,
  };
};

/** Both buffers are one here: it is filled as far as either allows. */
const bufferEventsOf = ({ historyBufferSize, liveBufferSize }: GroupSettings): number =>
  Math.min(MAX_BUFFER_EVENTS, Math.max(1, historyBufferSize, liveBufferSize));

/** Returns when the next turn is due though nothing happens; Infinity while none is. */
const takeTurn = (running: Running): number => {
  const { state, checkpointing } = running;
  parkAll(running, expire(state, Date.now()));
  const hasMore = readOn(running);
  const delivered = deliver(running);
  checkpointing.saveIfDue(Date.now());
  forgetReplayed(running);
  if (hasMore || delivered > 0) running.schedule();
  return Math.min(nextDueAtMs(state), checkpointing.nextDueAtMs());
};

const memberOf = (running: Running, entry: Entry, name: GroupName): Member => {
  const { state, entries, schedule } = running;
  const { consumer, measurements } = entry;
  return {
    drained: () => {
      consumer.paused = false;
      schedule();
    },
    ack: (ids) => {
      const nowMs = Date.now();
      for (const sentAtMs of ack(state, consumer, ids)) measurements.observeMs(nowMs - sentAtMs);
      schedule();
    },
    nack: (ids, action, reason) => {
      parkAll(running, nack(state, consumer, ids, action, reason));
      schedule();
    },
    leave: () => {
      if (!entries.delete(consumer)) return;
      parkAll(running, leave(state, consumer));
      schedule();
    },
    stop: () => {
      if (entries.has(consumer)) drop(running, entry, consumerDropped(name));
      schedule();
    },
  };
};

const reportOf = (running: Running): GroupReport => ({
  row: running.checkpointing.row(),
  state: running.state,
  entries: [...running.entries.values()],
  measurements: running.measurements,
  atEnd: running.atEnd,
  lastPlace: running.source.lastPlace(),
  parkedEvents: running.parking.count(),
  isReplaying: running.parking.isReplaying(),
});
