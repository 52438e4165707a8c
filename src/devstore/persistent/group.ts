/**
 * A group at work: reads its source into the state machine, hands messages to consumers no faster than they
 * take them, and keeps time. All of it happens in turns of bounded work, so that no group holds the loop.
 */
import { type CallError, errorOfFailure } from '../errors.ts';
import { resolve } from '../reading/links.ts';
import { type Log, recordAt } from '../store/log.ts';
import type { Writer } from '../store/writer.ts';
import { startCheckpointing } from './checkpointing.ts';
import { consumerDropped, subscriberLimitReached } from './errors.ts';
import { type Measurements, startMeasuring } from './measurements.ts';
import type { GroupName } from './names.ts';
import { openParking, type Parking } from './parking.ts';
import { encodeDelivery } from './response.ts';
import type { GroupSettings } from './settings.ts';
import { openSource, type Source } from './source.ts';
import {
  ack,
  type ConsumerState,
  deliverNext,
  dismiss,
  expire,
  type GroupState,
  join,
  leave,
  type NackAction,
  nack,
  newGroupState,
  nextDueAtMs,
  offer,
  offerReplayed,
  type ParkOrder,
  parked,
  parkedFloorOf,
  parkFailed,
  roomOf,
} from './state.ts';
import type { GroupRow } from './store.ts';

/** Messages handed over in one turn; the rest waits for the next. */
const MAX_TURN_DELIVERIES = 256;
/** What settings may ask for at most. */
const MAX_BUFFER_EVENTS = 100_000;
const MAX_TIMER_MS = 60_000;

/** A consumer's connection, as the group sees it. */
export type Connection = {
  readonly bufferEvents: number;
  readonly structuredId: boolean;
  readonly from: string;
  readonly username: string;
  readonly name: string;
  /** False asks for no more until `drained`. */
  readonly send: (message: Buffer) => boolean;
  readonly drop: (error: CallError) => void;
};

export type Member = {
  readonly drained: () => void;
  readonly ack: (ids: readonly string[]) => void;
  readonly nack: (ids: readonly string[], action: NackAction, reason: string) => void;
  readonly leave: () => void;
  /** The consumer asked to be dropped: what it held goes to others. */
  readonly stop: () => void;
};

export type ConsumerReport = {
  readonly connection: Connection;
  readonly heldEvents: number;
  readonly measurements: Measurements;
};

/** A look at a group, for those who ask about it. */
export type GroupReport = {
  readonly row: GroupRow;
  readonly state: GroupState;
  readonly consumers: readonly ConsumerReport[];
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

type Entry = {
  readonly connection: Connection;
  readonly consumer: ConsumerState;
  readonly measurements: Measurements;
};

type Running = {
  readonly log: Log;
  readonly settings: GroupSettings;
  readonly state: GroupState;
  readonly source: Source;
  readonly parking: Parking;
  readonly measurements: Measurements;
  readonly entries: Map<ConsumerState, Entry>;
  atEnd: boolean;
};

export const openGroup = (log: Log, writer: Writer, row: GroupRow): Group => {
  const { settings } = row;
  const name: GroupName = { stream: row.stream, group: row.group };
  const state = newGroupState({ ...settings, bufferEvents: bufferEventsOf(settings) }, row.checkpoint);
  const running: Running = {
    log,
    settings,
    state,
    source: openSource(log, row),
    parking: openParking(log, writer, name),
    measurements: startMeasuring(Date.now),
    entries: new Map(),
    atEnd: false,
  };
  const checkpointing = startCheckpointing(log, state, row, Date.now());
  let scheduled: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;
  let truncating = false;
  let truncatedBefore = running.parking.nextRevision();
  let closed = false;

  const schedule = (): void => {
    if (!closed) scheduled ??= setImmediate(turn);
  };

  const turn = (): void => {
    scheduled = undefined;
    try {
      parkAll(expire(state, Date.now()));
      const read = readOn(running);
      const delivered = deliver(running);
      checkpointing.saveIfDue(Date.now());
      truncateParked();
      if (read || delivered > 0) schedule();
      armTimer();
    } catch (error) {
      // A damaged record, most likely: nobody is told a group goes on that cannot.
      dropAll(errorOfFailure(error));
    }
  };

  const armTimer = (): void => {
    clearTimeout(timer);
    const dueAtMs = Math.min(nextDueAtMs(state), checkpointing.nextDueAtMs());
    if (closed || dueAtMs === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(schedule, Math.min(MAX_TIMER_MS, Math.max(1, dueAtMs - Date.now())));
  };

  const parkAll = (orders: readonly ParkOrder[]): void => {
    for (const order of orders) {
      running.parking.park(order, settings.resolveLinks).then(
        () => {
          parked(state, order.message);
          schedule();
        },
        () => {
          parkFailed(state, order.message);
          schedule();
        },
      );
    }
  };

  const truncateParked = (): void => {
    const floor = parkedFloorOf(state, running.parking.nextRevision());
    if (truncating || floor === truncatedBefore) return;
    truncating = true;
    running.parking.truncateBefore(floor).then(
      () => {
        truncating = false;
        truncatedBefore = floor;
        schedule();
      },
      () => {
        // What is not forgotten is replayed once more after a restart; the next turn tries again.
        truncating = false;
      },
    );
  };

  const drop = (entry: Entry, error: CallError): void => {
    running.entries.delete(entry.consumer);
    dismiss(state, entry.consumer);
    entry.connection.drop(error);
  };

  const dropAll = (error: CallError): void => {
    for (const entry of [...running.entries.values()]) drop(entry, error);
  };

  const stopWatching = writer.onAdvance(schedule);
  schedule();

  return {
    name,
    join: (connection) => {
      const { maxSubscriberCount } = settings;
      if (maxSubscriberCount > 0 && running.entries.size >= maxSubscriberCount) {
        throw subscriberLimitReached(name);
      }
      const consumer = join(state, connection.bufferEvents);
      const entry = { connection, consumer, measurements: startMeasuring(Date.now) };
      running.entries.set(consumer, entry);
      schedule();
      return {
        drained: () => {
          consumer.paused = false;
          schedule();
        },
        ack: (ids) => {
          const nowMs = Date.now();
          for (const sentAtMs of ack(state, consumer, ids)) entry.measurements.observeMs(nowMs - sentAtMs);
          schedule();
        },
        nack: (ids, action, reason) => {
          parkAll(nack(state, consumer, ids, action, reason));
          schedule();
        },
        leave: () => {
          if (!running.entries.delete(consumer)) return;
          parkAll(leave(state, consumer));
          schedule();
        },
        stop: () => {
          drop(entry, consumerDropped(name));
          schedule();
        },
      };
    },
    replayParked: (stopAt) => {
      running.parking.replay(stopAt);
      schedule();
    },
    report: () => reportOf(running, checkpointing.row()),
    close: () => {
      closed = true;
      stopWatching();
      clearImmediate(scheduled);
      clearTimeout(timer);
      dropAll(consumerDropped(name));
      return checkpointing.saveLast();
    },
  };
};

/** History is read ahead as far as either buffer allows. */
const bufferEventsOf = ({ historyBufferSize, liveBufferSize }: GroupSettings): number =>
  Math.min(MAX_BUFFER_EVENTS, Math.max(1, historyBufferSize, liveBufferSize));

/** Reads one page of what was asked to be replayed, or else of the source. False when there is nothing to do. */
const readOn = (running: Running): boolean => {
  const { state, source, parking, settings } = running;
  const wanted = Math.min(roomOf(state), Math.max(1, settings.readBatchSize));
  if (wanted === 0) {
    running.atEnd = false;
    return false;
  }
  if (parking.isReplaying()) {
    offerReplayed(state, parking.next(wanted));
    return true;
  }
  const page = source.next(wanted);
  offer(state, page.messages, page.considered, page.passedOver);
  running.atEnd = page.atEnd;
  return !page.atEnd;
};

/** Hands over what can be taken now, up to the bound of a turn. */
const deliver = (running: Running): number => {
  const { log, settings, state } = running;
  for (let count = 0; count < MAX_TURN_DELIVERIES; count++) {
    const delivery = deliverNext(state, Date.now());
    if (delivery === undefined) return count;
    const { consumer, message } = delivery;
    const entry = running.entries.get(consumer);
    if (entry === undefined) continue;
    const record = recordAt(log, message.position);
    const resolved = resolve(log, record, settings.resolveLinks || message.replayed);
    const { connection, measurements } = entry;
    consumer.paused = !connection.send(encodeDelivery(resolved, message.retryCount, connection.structuredId));
    measurements.countItem();
    running.measurements.countItem();
  }
  return MAX_TURN_DELIVERIES;
};

const reportOf = (running: Running, row: GroupRow): GroupReport => ({
  row,
  state: running.state,
  consumers: [...running.entries.values()].map(({ connection, consumer, measurements }) => ({
    connection,
    heldEvents: consumer.held.size,
    measurements,
  })),
  measurements: running.measurements,
  atEnd: running.atEnd,
  lastPlace: running.source.lastPlace(),
  parkedEvents: running.parking.count(),
  isReplaying: running.parking.isReplaying(),
});
