/** The parts of a group at work, and the steps that its turns are made of. Each does a bounded amount. */
import type { CallError } from '../errors.ts';
import { resolve } from '../reading/links.ts';
import { type Log, recordAt } from '../store/log.ts';
import type { Checkpointing } from './checkpointing.ts';
import type { Measurements } from './measurements.ts';
import type { Parking } from './parking.ts';
import { encodeDelivery } from './response.ts';
import type { GroupSettings } from './settings.ts';
import type { Source } from './source.ts';
import {
  type ConsumerState,
  deliverNext,
  dismiss,
  type GroupState,
  offer,
  offerReplayed,
  type ParkOrder,
  parked,
  parkedFloorOf,
  parkFailed,
  roomOf,
} from './state.ts';

/** Messages handed over in one turn; the rest waits for the next. */
const MAX_TURN_DELIVERIES = 256;

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

export type Entry = {
  readonly connection: Connection;
  readonly consumer: ConsumerState;
  readonly measurements: Measurements;
};

export type Running = {
  readonly log: Log;
  readonly settings: GroupSettings;
  readonly state: GroupState;
  readonly source: Source;
  readonly parking: Parking;
  readonly checkpointing: Checkpointing;
  readonly measurements: Measurements;
  readonly entries: Map<ConsumerState, Entry>;
  /** Asks for another turn. */
  readonly schedule: () => void;
  atEnd: boolean;
  /** Parked messages before this revision are forgotten, or about to be. */
  forgottenBefore: number;
  isForgetting: boolean;
};

/**
 * Reads one page of what was asked to be replayed, or else of the source. False when there is nothing to do.
 */
export const readOn = (running: Running): boolean => {
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

/** Hands over what can be taken now, up to the bound of a turn. Returns how many. */
export const deliver = (running: Running): number => {
  const { log, settings, state, entries } = running;
  for (let count = 0; count < MAX_TURN_DELIVERIES; count++) {
    const delivery = deliverNext(state, Date.now());
    const entry = delivery && entries.get(delivery.consumer);
    if (delivery === undefined || entry === undefined) return count;
    const { consumer, message } = delivery;
    const record = recordAt(log, message.position);
    const resolved = resolve(log, record, settings.resolveLinks || message.replayed);
    const { connection, measurements } = entry;
    consumer.paused = !connection.send(encodeDelivery(resolved, message.retryCount, connection.structuredId));
    measurements.countItem();
    running.measurements.countItem();
  }
  return MAX_TURN_DELIVERIES;
};

export const parkAll = (running: Running, orders: readonly ParkOrder[]): void => {
  const { state, parking, settings, schedule } = running;
  for (const order of orders) {
    const settle = (settled: typeof parked) => () => {
      settled(state, order.message);
      schedule();
    };
    parking.park(order, settings.resolveLinks).then(settle(parked), settle(parkFailed));
  }
};

/** Forgets the parked messages that were replayed and answered. One write at a time. */
export const forgetReplayed = (running: Running): void => {
  const floor = parkedFloorOf(running.state, running.parking.nextRevision());
  if (running.isForgetting || floor === running.forgottenBefore) return;
  running.isForgetting = true;
  running.parking.truncateBefore(floor).then(
    () => {
      running.isForgetting = false;
      running.forgottenBefore = floor;
      running.schedule();
    },
    () => {
      // What is not forgotten is replayed once more after a restart; the next turn tries again.
      running.isForgetting = false;
    },
  );
};

/** Sends a consumer away. What it held is nobody's failure. */
export const drop = ({ state, entries }: Running, entry: Entry, error: CallError): void => {
  entries.delete(entry.consumer);
  dismiss(state, entry.consumer);
  entry.connection.drop(error);
};

export const dropAll = (running: Running, error: CallError): void => {
  for (const entry of [...running.entries.values()]) drop(running, entry, error);
};
