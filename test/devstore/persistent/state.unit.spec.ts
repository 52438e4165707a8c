/**
 * The state machine of a group, step by step: what is delivered, to whom, how failures end, and where its
 * checkpoint stands.
 */
import { describe, expect, it } from 'vitest';
import {
  ack,
  type ConsumerState,
  checkpointOf,
  deliverNext,
  dismiss,
  expire,
  type GroupState,
  join,
  leave,
  nack,
  newGroupState,
  nextDueAtMs,
  offer,
  offerReplayed,
  parkedFloorOf,
  parkFailed,
  roomOf,
  type StateSettings,
} from '../../../src/devstore/persistent/state.ts';
import { message, messages, SETTINGS } from './messages.ts';

const groupWith = (count: number, settings: Partial<StateSettings> = {}): GroupState => {
  const state = newGroupState({ ...SETTINGS, ...settings }, null);
  if (count > 0) offer(state, messages(0, count), count - 1, 0);
  return state;
};

/** Delivers all that can be delivered; the places each consumer got, in order. */
const deliverAll = (state: GroupState, nowMs = 0): Map<ConsumerState, number[]> => {
  const places = new Map<ConsumerState, number[]>(state.consumers.map((consumer) => [consumer, []]));
  for (let next = deliverNext(state, nowMs); next !== undefined; next = deliverNext(state, nowMs)) {
    places.get(next.consumer)?.push(next.message.place);
  }
  return places;
};

describe('A group', () => {
  it('gives each consumer no more than its buffer holds, and goes on when one is answered', () => {
    const state = groupWith(5);
    const consumer = join(state, 2);
    expect(deliverAll(state).get(consumer)).toEqual([0, 1]);
    ack(state, consumer, ['id-1']);
    expect(deliverAll(state).get(consumer)).toEqual([2]);
  });

  it('gives nothing to a consumer whose connection is full', () => {
    const state = groupWith(3);
    const slow = join(state, 5);
    slow.paused = true;
    const quick = join(state, 5);
    expect(deliverAll(state)).toEqual(
      new Map([
        [slow, []],
        [quick, [0, 1, 2]],
      ]),
    );
  });

  it('takes turns with RoundRobin, and passes a full one over', () => {
    const state = groupWith(6);
    const [small, large] = [join(state, 1), join(state, 9)];
    expect(deliverAll(state)).toEqual(
      new Map([
        [small, [0]],
        [large, [1, 2, 3, 4, 5]],
      ]),
    );
  });

  it('fills the first consumer before the second with DispatchToSingle', () => {
    const state = groupWith(5, { strategy: 'DispatchToSingle' });
    const [first, second] = [join(state, 3), join(state, 3)];
    expect(deliverAll(state)).toEqual(
      new Map([
        [first, [0, 1, 2]],
        [second, [3, 4]],
      ]),
    );
  });

  it('lets messages of other streams pass one whose owner is busy with Pinned', () => {
    const state = groupWith(10, { strategy: 'Pinned' });
    const consumers = [join(state, 1), join(state, 1), join(state, 1)];
    const taken = [...deliverAll(state).values()].flat();
    const owners = consumers.filter((consumer) => consumer.held.size === 1);
    expect(taken).toHaveLength(owners.length);
    expect(owners.length).toBeGreaterThan(1);
  });

  it('does not give one consumer two messages of the same id at a time', () => {
    const state = newGroupState(SETTINGS, null);
    const [first, second] = [message(0, { id: 'twin' }), message(1, { id: 'twin' })];
    offer(state, [first, second, message(2)], 2, 0);
    const consumer = join(state, 5);
    expect(deliverAll(state).get(consumer)).toEqual([0, 2]);
    ack(state, consumer, ['twin']);
    expect(deliverAll(state).get(consumer)).toEqual([1]);
  });

  it('has room for what its buffer lacks, and none for what waits to be parked or tried again', () => {
    const state = groupWith(4, { maxRetryCount: 0 });
    const consumer = join(state, 2);
    expect(roomOf(state)).toBe(6);
    deliverAll(state);
    expect(roomOf(state)).toBe(8);
    nack(state, consumer, ['id-0'], 'park', 'no');
    expect(roomOf(state)).toBe(7);
  });
});

describe('A message that fails', () => {
  it('is tried again before new ones, counted, and parked when its retries are used up', () => {
    const state = groupWith(2);
    const consumer = join(state, 1);
    for (const retryCount of [0, 1, 2]) {
      expect(deliverNext(state, 0)?.message).toMatchObject({ place: 0, retryCount });
      const orders = nack(state, consumer, ['id-0'], 'retry', 'again');
      expect(orders.map((order) => order.reason)).toEqual(
        retryCount === 2 ? ['Reached retry count of 2'] : [],
      );
    }
    expect(deliverNext(state, 0)?.message.place).toBe(1);
  });

  it('is taken back from whoever does not answer in time, and from nobody else', () => {
    const state = groupWith(2);
    const consumer = join(state, 2);
    deliverNext(state, 0);
    deliverNext(state, 500);
    expect(nextDueAtMs(state)).toBe(1_000);
    expect(expire(state, 1_000)).toEqual([]);
    expect([...consumer.held.keys()]).toEqual(['id-1']);
    expect(deliverNext(state, 1_000)?.message).toMatchObject({ place: 0, retryCount: 1 });
  });

  it('waits for ever without a time-out', () => {
    const state = groupWith(1, { messageTimeoutMs: 0 });
    join(state, 1);
    deliverAll(state);
    expect(nextDueAtMs(state)).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts when its consumer leaves, and does not when the consumer is sent away', () => {
    const state = groupWith(2);
    const [leaving, dismissed] = [join(state, 1), join(state, 1)];
    deliverAll(state);
    leave(state, leaving);
    dismiss(state, dismissed);
    const next = join(state, 2);
    deliverAll(state);
    expect([...next.held.values()].map(({ message: { retryCount } }) => retryCount)).toEqual([1, 0]);
  });

  it('is delivered again when it cannot be stored among the parked', () => {
    const state = groupWith(1);
    const consumer = join(state, 1);
    deliverAll(state);
    const [order] = nack(state, consumer, ['id-0'], 'park', 'broken');
    expect(order).toMatchObject({ reason: 'broken' });
    expect(deliverNext(state, 0)).toBeUndefined();
    if (order) parkFailed(state, order.message);
    expect(deliverNext(state, 0)?.message.place).toBe(0);
    expect(checkpointOf(state)).toBeNull();
  });

  it('is not answered by an ack that comes after the time-out', () => {
    const state = groupWith(1);
    const consumer = join(state, 1);
    deliverAll(state);
    expire(state, 2_000);
    expect(ack(state, consumer, ['id-0'])).toEqual([]);
    expect(state.retries).toHaveLength(1);
  });
});

describe('The checkpoint', () => {
  it('stands before the oldest message that is not done with', () => {
    const state = groupWith(4);
    const consumer = join(state, 4);
    deliverAll(state);
    ack(state, consumer, ['id-1', 'id-2']);
    expect(checkpointOf(state)).toBeNull();
    ack(state, consumer, ['id-0']);
    expect(checkpointOf(state)).toBe(2);
    nack(state, consumer, ['id-3'], 'skip', '');
    expect(checkpointOf(state)).toBe(3);
  });

  it('moves over what a filter hides', () => {
    const state = newGroupState(SETTINGS, 7);
    offer(state, [], 40, 33);
    expect(checkpointOf(state)).toBe(40);
    expect(state.sinceCheckpoint).toBe(33);
  });

  it('of the parked stands at the oldest replayed message without an answer', () => {
    const state = newGroupState(SETTINGS, 5);
    offerReplayed(state, [message(0, { replayed: true }), message(1, { replayed: true })]);
    const consumer = join(state, 5);
    deliverAll(state);
    expect(parkedFloorOf(state, 2)).toBe(0);
    ack(state, consumer, ['id-0']);
    expect(parkedFloorOf(state, 2)).toBe(1);
    ack(state, consumer, ['id-1']);
    expect(parkedFloorOf(state, 2)).toBe(2);
    expect(checkpointOf(state)).toBe(5);
    expect(state.sinceCheckpoint).toBe(0);
  });
});
