/**
 * The engine's append path on a small aggregate: two writers of one stream, commands that repeat, a server that
 * dies in the middle. The sale has the same path with more rules.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Batches, createHeldState } from '../../src/commands/held-state.ts';
import type { Snapshot, StreamLog } from '../../src/commands/ports.ts';
import { createWarmStream, OverloadedError, type WarmStream } from '../../src/commands/warm-stream.ts';
import type { Decider } from '../../src/domain/shared/decider.ts';
import {
  createCodec,
  defineEvent,
  type EventOf,
  type EventStore,
  openEventStore,
} from '../../src/eventstore/index.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';

const placesTaken = defineEvent({
  type: 'PlacesTaken',
  version: 1,
  schema: z.object({ by: z.string(), count: z.number() }),
});
const codec = createCodec([placesTaken]);
type Taken = EventOf<typeof placesTaken>;
type Take = { readonly by: string; readonly count: number };
type Outcome = 'taken' | 'taken before' | 'full';
type State = { free: number; readonly takers: Set<string>; before?: { free: number; takers: string[] } };

const CAPACITY = 100;

/** Changes its state in place, as the sale does. */
const places: Decider<Take, Taken, State, Outcome> = {
  initial: () => ({ free: CAPACITY, takers: new Set() }),
  evolve: (state, { data }) => {
    state.free -= data.count;
    state.takers.add(data.by);
    return state;
  },
  decide: (command, state) => {
    if (state.takers.has(command.by)) return { outcome: 'taken before', events: [] };
    if (state.free < command.count) return { outcome: 'full', events: [] };
    return { outcome: 'taken', events: [{ type: 'PlacesTaken', data: { ...command } }] };
  },
};

/** Takes back by remembering everything: slow, and plainly right. */
const batches: Batches<State> = {
  open: (state) => {
    state.before = { free: state.free, takers: [...state.takers] };
  },
  keep: (state) => {
    delete state.before;
  },
  undo: (state) => {
    state.free = state.before?.free ?? state.free;
    state.takers.clear();
    for (const taker of state.before?.takers ?? []) state.takers.add(taker);
    delete state.before;
  },
};

const causedBy = (commandId: string) => ({ commandId, correlationId: commandId, actor: 'test' });

let devstore: Devstore;
let store: EventStore;
let log: StreamLog<Taken>;

beforeAll(async () => {
  devstore = await startDevstore();
  store = openEventStore({ connectionString: devstore.url });
  log = createStreamLog(store, codec);
});

afterAll(async () => {
  await store?.close();
  await devstore?.close();
});

const writerOf = (stream: string, over: StreamLog<Taken> = log): WarmStream<Take, State, Outcome> =>
  createWarmStream({ stream, decider: places, log: over, batches });

const eventsOf = async (stream: string): Promise<Taken[]> => {
  const events: Taken[] = [];
  for await (const page of log.read(stream, 0n)) events.push(...page.map(({ event }) => event));
  return events;
};

const takenIn = (events: readonly Taken[]): number => events.reduce((sum, { data }) => sum + data.count, 0);

describe('a warm stream', () => {
  it('takes what fits and refuses the rest, in few appends', async () => {
    const stream = `Places-${randomUUID()}`;
    let appends = 0;
    const counting: StreamLog<Taken> = {
      ...log,
      append: (...args) => {
        appends++;
        return log.append(...args);
      },
    };
    const writer = writerOf(stream, counting);
    const commands = Array.from({ length: 300 }, (_, index) => ({ by: `buyer-${index}`, count: 1 }));
    const outcomes = await Promise.all(
      commands.map((command) => writer.submit(command, causedBy(command.by))),
    );
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(CAPACITY);
    expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(200);
    expect(takenIn(await eventsOf(stream))).toBe(CAPACITY);
    expect(appends).toBeLessThan(10);
  });

  it('never takes more than there is when two writers meet, and takes each command once', async () => {
    const stream = `Places-${randomUUID()}`;
    const writers = [writerOf(stream), writerOf(stream)];
    const outcomes: { by: string; outcome: Outcome }[] = [];
    const rounds = Array.from({ length: 60 }, (_, round) => round);
    for (const round of rounds) {
      await Promise.all(
        writers.flatMap((writer) =>
          [0, 1].map(async (nth) => {
            // Both writers get every second command: the same one, at the same time.
            const by = `buyer-${round}-${nth}`;
            outcomes.push({ by, outcome: await writer.submit({ by, count: 1 }, causedBy(by)) });
          }),
        ),
      );
    }
    const events = await eventsOf(stream);
    expect(takenIn(events)).toBe(CAPACITY);
    expect(new Set(events.map(({ data }) => data.by)).size).toBe(events.length);
    const acknowledged = outcomes.filter(({ outcome }) => outcome === 'taken').map(({ by }) => by);
    expect(acknowledged).toHaveLength(CAPACITY);
    expect(new Set(acknowledged)).toEqual(new Set(events.map(({ data }) => data.by)));
  });

  it('looks at the log before it decides afresh, and not before it decides by memory', async () => {
    const stream = `Places-${randomUUID()}`;
    let reads = 0;
    let appends = 0;
    const counting: StreamLog<Taken> = {
      ...log,
      read: (...args) => {
        reads++;
        return log.read(...args);
      },
      append: (...args) => {
        appends++;
        return log.append(...args);
      },
    };
    const writer = writerOf(stream, counting);
    const other = writerOf(stream);
    await writer.submit({ by: 'first', count: 1 }, causedBy('first'));
    reads = 0;
    await writer.submit({ by: 'second', count: 1 }, causedBy('second'));
    expect(reads).toBe(0);
    await other.submit({ by: 'stranger', count: 1 }, causedBy('stranger'));
    appends = 0;
    // By memory it would have met the stranger's event as a conflict, and appended twice.
    await writer.submitAfresh({ by: 'third', count: 1 }, causedBy('third'));
    expect({ reads, appends }).toEqual({ reads: 1, appends: 1 });
    reads = 0;
    expect(await writer.submitAfresh({ by: 'third', count: 1 }, causedBy('again'))).toBe('taken before');
    expect(reads).toBe(1);
  });

  it('answers a refusal from the newest state, not from the one it remembers', async () => {
    const stream = `Places-${randomUUID()}`;
    const [first, second] = [writerOf(stream), writerOf(stream)];
    await first.submit({ by: 'a', count: 1 }, causedBy('a'));
    await second.submit({ by: 'b', count: CAPACITY - 1 }, causedBy('b'));
    expect(await first.submit({ by: 'b', count: 5 }, causedBy('b again'))).toBe('taken before');
    expect(await first.submit({ by: 'c', count: 1 }, causedBy('c'))).toBe('full');
  });

  it('answers refusals at once, however busily another writer writes', async () => {
    const stream = `Places-${randomUUID()}`;
    const [busy, asking] = [writerOf(stream), writerOf(stream)];
    await busy.submit({ by: 'first', count: 0 }, causedBy('first'));
    let isWriting = true;
    const writing = (async () => {
      for (let n = 0; isWriting; n++) await busy.submit({ by: `busy-${n}`, count: 0 }, causedBy(`${n}`));
    })();
    for (let n = 0; n < 200; n++) {
      expect(await asking.submit({ by: `asking-${n}`, count: CAPACITY + 1 }, causedBy(`asking ${n}`))).toBe(
        'full',
      );
    }
    isWriting = false;
    await writing;
  });

  it('answers a question from the newest state too', async () => {
    const stream = `Places-${randomUUID()}`;
    const [first, second] = [writerOf(stream), writerOf(stream)];
    expect(first.peek()).toBeUndefined();
    await first.submit({ by: 'a', count: 1 }, causedBy('a'));
    await second.submit({ by: 'b', count: 1 }, causedBy('b'));
    expect(first.peek()?.free).toBe(CAPACITY - 1);
    expect(await first.ask(({ free }) => free)).toBe(CAPACITY - 2);
  });

  it('refuses as overloaded what would wait behind ten thousand others', async () => {
    const stream = `Places-${randomUUID()}`;
    const writer = writerOf(stream);
    const many = Array.from({ length: 10_001 }, (_, index) =>
      writer
        .submit({ by: `buyer-${index}`, count: 1 }, causedBy(`${index}`))
        .catch((error: unknown) => error),
    );
    const outcomes = await Promise.all(many);
    expect(outcomes.filter((outcome) => outcome instanceof OverloadedError)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(CAPACITY);
  });

  it('goes on after the server was killed, with everything acknowledged there once', async () => {
    const stream = `Places-${randomUUID()}`;
    const writer = writerOf(stream);
    const acknowledged: string[] = [];
    const submit = async (by: string): Promise<void> => {
      const outcome = await writer.submit({ by, count: 1 }, causedBy(by));
      if (outcome !== 'full') acknowledged.push(by);
    };
    await submit('before');
    await devstore.kill('SIGKILL');
    const during = Promise.allSettled(Array.from({ length: 20 }, (_, index) => submit(`during-${index}`)));
    await devstore.restart();
    await during;
    await submit('after');
    const takers = (await eventsOf(stream)).map(({ data }) => data.by);
    expect(new Set(takers).size).toBe(takers.length);
    expect(takers).toEqual(expect.arrayContaining(acknowledged));
  });
});

describe('a held state', () => {
  it('starts from its newest snapshot and reads only what came after', async () => {
    const stream = `Places-${randomUUID()}`;
    const kept = new Map<string, Snapshot>();
    const events = Array.from(
      { length: 6_000 },
      (_, index): Taken => ({
        type: 'PlacesTaken',
        data: { by: `${index}`, count: 0 },
      }),
    );
    await log.append(stream, 'no_stream', log.encode(stream, events, causedBy('all'), 'all'));
    const held = () =>
      createHeldState({
        stream,
        decider: places,
        log,
        batches,
        snapshots: {
          freeze: (state) => Buffer.from(JSON.stringify([...state.takers])),
          thaw: (bytes) => ({
            free: CAPACITY,
            takers: new Set<string>(JSON.parse(Buffer.from(bytes).toString())),
          }),
          store: {
            load: async (name) => kept.get(name),
            save: async (name, snapshot) => {
              kept.set(name, snapshot);
            },
            discard: async (name) => {
              kept.delete(name);
            },
          },
        },
      });
    const cold = held();
    await cold.readForward();
    expect(kept.get(stream)?.revision).toBeGreaterThanOrEqual(4_999n);
    const warm = held();
    await warm.readForward();
    expect(warm.revision()).toBe(5_999n);
    expect(warm.state()).toEqual(cold.state());
  });

  it('forgets what was assumed and not confirmed', async () => {
    const stream = `Places-${randomUUID()}`;
    const held = createHeldState({ stream, decider: places, log, batches });
    await held.readForward();
    held.assume({ type: 'PlacesTaken', data: { by: 'a', count: 1 } });
    held.confirm();
    held.assume({ type: 'PlacesTaken', data: { by: 'b', count: 7 } });
    held.forgetAssumed();
    expect(held.state()).toEqual({ free: CAPACITY - 1, takers: new Set(['a']) });
    expect(held.revision()).toBe(0n);
  });
});
