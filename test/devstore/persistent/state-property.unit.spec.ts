/**
 * The state machine of a group under random steps: what must hold after each of them, whatever consumers do.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ack,
  type ConsumerState,
  checkpointOf,
  deliverNext,
  expire,
  type GroupState,
  join,
  leave,
  nack,
  newGroupState,
  offer,
  type ParkOrder,
  parked,
  parkFailed,
  roomOf,
  type StateSettings,
} from '../../../src/devstore/persistent/state.ts';
import { messages, SETTINGS } from './messages.ts';

type Step = { readonly kind: string; readonly pick: number };

describe('Whatever consumers do', () => {
  const kinds = [
    'read',
    'join',
    'leave',
    'deliver',
    'ack',
    'retry',
    'park',
    'skip',
    'expire',
    'stored',
    'failed',
  ];
  const step = fc.record({ kind: fc.constantFrom(...kinds), pick: fc.nat() });
  const strategy = fc.constantFrom('RoundRobin', 'DispatchToSingle', 'Pinned');

  it('no message is lost, none is held twice, buffers stay bounded and the checkpoint is honest', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), strategy, (steps, chosen) => {
        const run = newRun({ ...SETTINGS, strategy: chosen });
        for (const taken of steps) {
          apply(run, taken);
          check(run);
        }
      }),
      { numRuns: 300 },
    );
  });

  type Run = {
    readonly state: GroupState;
    readonly done: Set<number>;
    orders: ParkOrder[];
    read: number;
    nowMs: number;
  };

  const newRun = (settings: StateSettings): Run => ({
    state: newGroupState(settings, null),
    done: new Set(),
    orders: [],
    read: 0,
    nowMs: 0,
  });

  const apply = (run: Run, { kind, pick }: Step): void => {
    const { state } = run;
    const consumer = state.consumers[pick % Math.max(1, state.consumers.length)];
    const held = [...(consumer?.held.values() ?? [])].map(({ message: { place } }) => place);
    const place = held[pick % Math.max(1, held.length)];
    if (kind === 'read') {
      const page = messages(run.read, Math.min(roomOf(state), pick % 4));
      run.read += page.length;
      offer(state, page, run.read === 0 ? null : run.read - 1, 0);
    } else if (kind === 'join' && state.consumers.length < 4) join(state, 1 + (pick % 3));
    else if (kind === 'deliver') deliverNext(state, run.nowMs);
    else if (kind === 'expire') {
      run.nowMs += 400;
      run.orders.push(...expire(state, run.nowMs));
    } else if (kind === 'stored' || kind === 'failed') settle(run, kind);
    else if (consumer && kind === 'leave') run.orders.push(...leave(state, consumer));
    else if (consumer && place !== undefined) answer(run, consumer, place, kind);
  };

  const answer = (run: Run, consumer: ConsumerState, place: number, kind: string): void => {
    const ids = [`id-${place}`];
    if (kind === 'ack') ack(run.state, consumer, ids);
    else if (kind === 'retry' || kind === 'park' || kind === 'skip') {
      run.orders.push(...nack(run.state, consumer, ids, kind, 'reason'));
    }
    if (kind === 'ack' || kind === 'skip') run.done.add(place);
  };

  const settle = (run: Run, kind: 'stored' | 'failed'): void => {
    const order = run.orders.shift();
    if (order === undefined) return;
    if (kind === 'failed') {
      parkFailed(run.state, order.message);
      return;
    }
    parked(run.state, order.message);
    run.done.add(order.message.place);
  };

  const check = ({ state, done, read }: Run): void => {
    const held = state.consumers.flatMap((consumer) =>
      [...consumer.held.values()].map((entry) => entry.message),
    );
    const everywhere = [...state.ready, ...state.retries, ...state.parking, ...held].map(
      ({ place }) => place,
    );
    const missing = Array.from({ length: read }, (_, place) => place).filter((place) => !done.has(place));
    expect(everywhere.toSorted((a, b) => a - b)).toEqual(missing);
    expect(checkpointOf(state)).toBe((missing[0] ?? read) === 0 ? null : (missing[0] ?? read) - 1);
    for (const { held: own, bufferEvents } of state.consumers)
      expect(own.size).toBeLessThanOrEqual(bufferEvents);
    expect(state.ready.length).toBeLessThanOrEqual(SETTINGS.bufferEvents);
  };
});
