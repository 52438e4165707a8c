/**
 * What a group knows about its messages, without clocks, records or calls: which wait, which consumer holds
 * which, what failed how often, and up to where everything is done. The functions change the state in place;
 * its driver is the only holder.
 */
import { choose, type Strategy } from './strategy.ts';

/** A message is a place to read from, not the event, so that a full buffer of large events stays small. */
export type Message = {
  /** Position of the record to deliver. */
  readonly position: number;
  /** Revision or position in the group's source; the revision among the parked for a replayed one. */
  readonly place: number;
  /** The last place before this one that was done with: the checkpoint while this message is the oldest. */
  readonly before: number | null;
  /** The id that consumers answer with, as hex. */
  readonly id: string;
  /** What Pinned assigns by. */
  readonly pin: string;
  readonly replayed: boolean;
  retryCount: number;
};

export type StateSettings = {
  readonly strategy: Strategy;
  /** More than this waiting, and nothing is read. */
  readonly bufferEvents: number;
  readonly maxRetryCount: number;
  /** 0 waits for ever. */
  readonly messageTimeoutMs: number;
};

type Held = { readonly message: Message; readonly sentAtMs: number; readonly dueAtMs: number };

export type ConsumerState = {
  readonly id: number;
  readonly bufferEvents: number;
  /** By message id, oldest first: with one time-out for all, the first is the first to be due. */
  readonly held: Map<string, Held>;
  /** Its connection takes no more for the moment. */
  paused: boolean;
};

export type GroupState = {
  readonly settings: StateSettings;
  readonly consumers: ConsumerState[];
  ready: Message[];
  retries: Message[];
  /** Given up, but not yet stored among the parked. */
  readonly parking: Set<Message>;
  /** Everything read from the source and not done with, oldest first. */
  readonly unfinished: Set<Message>;
  /** The same for messages replayed from the parked. */
  readonly replaying: Set<Message>;
  /** The last place of the source that was looked at. */
  considered: number | null;
  /** Events done with or passed over since the last checkpoint. */
  sinceCheckpoint: number;
  nextConsumerId: number;
  lastServedId: number;
};

export type Delivery = { readonly consumer: ConsumerState; readonly message: Message };
/** A message that must be stored among the parked; `parked` or `parkFailed` follows. */
export type ParkOrder = { readonly message: Message; readonly reason: string };
export type NackAction = 'park' | 'retry' | 'skip';

export const newGroupState = (settings: StateSettings, checkpoint: number | null): GroupState => ({
  settings,
  consumers: [],
  ready: [],
  retries: [],
  parking: new Set(),
  unfinished: new Set(),
  replaying: new Set(),
  considered: checkpoint,
  sinceCheckpoint: 0,
  nextConsumerId: 0,
  lastServedId: -1,
});

/** How many more messages may be read. What consumers hold is bounded by their own buffers. */
export const roomOf = (state: GroupState): number =>
  Math.max(0, state.settings.bufferEvents - state.ready.length - state.retries.length - state.parking.size);

/** Takes a page of the source: its messages, and how far and how many events it looked at. */
export const offer = (
  state: GroupState,
  messages: readonly Message[],
  considered: number | null,
  passedOver: number,
): void => {
  for (const message of messages) state.unfinished.add(message);
  state.ready.push(...messages);
  state.considered = considered;
  state.sinceCheckpoint += passedOver;
};

/** Replayed messages go before new ones, as retries do. */
export const offerReplayed = (state: GroupState, messages: readonly Message[]): void => {
  for (const message of messages) state.replaying.add(message);
  state.retries.push(...messages);
};

/** The last place that needs no delivery any more, null before the first. */
export const checkpointOf = (state: GroupState): number | null => {
  const [oldest] = state.unfinished;
  return oldest === undefined ? state.considered : oldest.before;
};

/** The lowest revision among the parked that is still to be replayed; `next` where none is on its way. */
export const parkedFloorOf = (state: GroupState, next: number): number => {
  const [oldest] = state.replaying;
  return oldest === undefined ? next : oldest.place;
};

export const join = (state: GroupState, bufferEvents: number): ConsumerState => {
  const consumer = { id: state.nextConsumerId++, bufferEvents, held: new Map(), paused: false };
  state.consumers.push(consumer);
  return consumer;
};

/** A consumer is gone. What it still held counts as failed: it may be what ended the consumer. */
export const leave = (state: GroupState, consumer: ConsumerState): readonly ParkOrder[] =>
  failAll(state, takeOut(state, consumer));

/** A consumer is sent away. What it held goes back as it was. */
export const dismiss = (state: GroupState, consumer: ConsumerState): void => {
  state.retries.push(...takeOut(state, consumer));
};

const takeOut = (state: GroupState, consumer: ConsumerState): readonly Message[] => {
  const at = state.consumers.indexOf(consumer);
  if (at >= 0) state.consumers.splice(at, 1);
  const held = [...consumer.held.values()].map(({ message }) => message);
  consumer.held.clear();
  return held;
};

/** The next message that somebody can take, handed over; undefined when nothing can move. */
export const deliverNext = (state: GroupState, nowMs: number): Delivery | undefined => {
  if (!state.consumers.some(hasRoom)) return undefined;
  return deliverFrom(state, state.retries, nowMs) ?? deliverFrom(state, state.ready, nowMs);
};

const hasRoom = (consumer: ConsumerState): boolean =>
  !consumer.paused && consumer.held.size < consumer.bufferEvents;

/** Pinned may have to pass over messages whose owner is busy; the others stop at the first. */
const deliverFrom = (state: GroupState, queue: Message[], nowMs: number): Delivery | undefined => {
  const { strategy, messageTimeoutMs } = state.settings;
  for (const [index, message] of queue.entries()) {
    // Events of two streams may share an id. A consumer gets one at a time, so that its answer is clear.
    const canTake = (consumer: ConsumerState): boolean => hasRoom(consumer) && !consumer.held.has(message.id);
    const consumer = choose(strategy, state.consumers, canTake, message.pin, state.lastServedId);
    if (consumer === undefined) continue;
    queue.splice(index, 1);
    const dueAtMs = messageTimeoutMs === 0 ? Number.POSITIVE_INFINITY : nowMs + messageTimeoutMs;
    consumer.held.set(message.id, { message, sentAtMs: nowMs, dueAtMs });
    state.lastServedId = consumer.id;
    return { consumer, message };
  }
  return undefined;
};

/**
 * Answers with when the messages had been sent. An id the consumer does not hold is no error: the message
 * timed out meanwhile and is, or will be, somebody else's.
 */
export const ack = (state: GroupState, consumer: ConsumerState, ids: readonly string[]): readonly number[] =>
  release(consumer, ids).map(({ message, sentAtMs }) => {
    finish(state, message);
    return sentAtMs;
  });

export const nack = (
  state: GroupState,
  consumer: ConsumerState,
  ids: readonly string[],
  action: NackAction,
  reason: string,
): readonly ParkOrder[] => {
  const messages = release(consumer, ids).map(({ message }) => message);
  switch (action) {
    case 'retry':
      return failAll(state, messages);
    case 'park':
      return messages.map((message) => park(state, message, reason));
    case 'skip':
      for (const message of messages) finish(state, message);
      return [];
    default:
      return action satisfies never;
  }
};

/** Takes back what was not answered in time. */
export const expire = (state: GroupState, nowMs: number): readonly ParkOrder[] => {
  const overdue: Message[] = [];
  for (const { held } of state.consumers) {
    for (const [id, { message, dueAtMs }] of held) {
      if (dueAtMs > nowMs) break;
      held.delete(id);
      overdue.push(message);
    }
  }
  return failAll(state, overdue);
};

/** When `expire` next has something to do; Infinity while it has not. */
export const nextDueAtMs = (state: GroupState): number => {
  let next = Number.POSITIVE_INFINITY;
  for (const { held } of state.consumers) {
    for (const { dueAtMs } of held.values()) {
      next = Math.min(next, dueAtMs);
      break;
    }
  }
  return next;
};

/** The message is stored among the parked: the group is done with it. */
export const parked = (state: GroupState, message: Message): void => {
  state.parking.delete(message);
  finish(state, message);
};

/** It could not be stored, so it must not be lost: it is delivered again. */
export const parkFailed = (state: GroupState, message: Message): void => {
  state.parking.delete(message);
  state.retries.push(message);
};

const release = (consumer: ConsumerState, ids: readonly string[]): readonly Held[] => {
  const released: Held[] = [];
  for (const id of ids) {
    const held = consumer.held.get(id);
    if (held === undefined) continue;
    consumer.held.delete(id);
    released.push(held);
  }
  return released;
};

const failAll = (state: GroupState, messages: readonly Message[]): readonly ParkOrder[] => {
  const orders: ParkOrder[] = [];
  for (const message of messages) {
    if (message.retryCount >= state.settings.maxRetryCount) {
      orders.push(park(state, message, `Reached retry count of ${state.settings.maxRetryCount}`));
      continue;
    }
    message.retryCount++;
    state.retries.push(message);
  }
  return orders;
};

const park = (state: GroupState, message: Message, reason: string): ParkOrder => {
  state.parking.add(message);
  return { message, reason };
};

const finish = (state: GroupState, message: Message): void => {
  state.unfinished.delete(message);
  state.replaying.delete(message);
  if (!message.replayed) state.sinceCheckpoint++;
};
