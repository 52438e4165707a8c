/** A process over a real log: every event at least once, in order in its stream, and nothing passed over. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  createCodec,
  defineEvent,
  type EventOf,
  type EventStore,
  openEventStore,
  streamName,
} from '../../src/eventstore/index.ts';
import { logSource } from '../../src/eventstore/log-source.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { systemTiming } from '../../src/eventstore/timing.ts';
import { type Process, type RunningProcess, type Stuck, startProcess } from '../../src/processes/runner.ts';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';
import { until } from '../support/until.ts';

const counted = defineEvent({ type: 'Counted', version: 1, schema: z.object({ number: z.number() }) });
const noted = defineEvent({ type: 'Noted', version: 1, schema: z.object({ note: z.string() }) });
const codec = createCodec([counted, noted]);
type Counted = EventOf<typeof counted>;
type Logged = Counted | EventOf<typeof noted>;

let devstore: Devstore;
let store: EventStore;

beforeAll(async () => {
  devstore = await startDevstore();
  store = openEventStore({ connectionString: devstore.url });
});

afterAll(async () => {
  await store?.close();
  await devstore?.close();
});

async function append(stream: string, from: number, to: number): Promise<void> {
  const log = createStreamLog(store, codec);
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  const events = numbers.map((number): Logged => ({ type: 'Counted', data: { number } }));
  const cause = { commandId: randomUUID(), correlationId: 'click', actor: 'test' };
  await log.append(
    stream,
    from === 1 ? 'no_stream' : BigInt(from - 2),
    log.encode(stream, events, cause, cause.commandId),
  );
}

type Bench = {
  readonly stuck: Stuck[];
  saved: bigint | undefined;
  saves: number;
  readonly start: (
    react: Process<Counted>['react'],
    bounds?: object,
    orderedBy?: Process<Counted>['orderedBy'],
  ) => RunningProcess;
};

/** A checkpoint that outlives its process, and a source of one category of streams. */
function benchOf(category: string): Bench {
  const bench: Bench = {
    stuck: [],
    saved: undefined,
    saves: 0,
    start: (react, bounds = {}, orderedBy) =>
      startProcess({
        process: { name: category, handles: ['Counted'], react, ...(orderedBy && { orderedBy }) },
        source: logSource(store, codec, { name: category, streamPrefixes: [`${category}-`] }),
        checkpoint: {
          load: async () => bench.saved,
          save: async (position) => {
            bench.saved = position;
            bench.saves++;
          },
        },
        nowMs: Date.now,
        sleep: systemTiming.sleep,
        onStuck: (_, stuck) => bench.stuck.push(stuck),
        ...bounds,
      }),
  };
  return bench;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('a process', () => {
  it('reacts to every event in the order of its stream, several streams at a time, over restarts', async () => {
    const bench = benchOf('Ordered');
    const streams = Array.from({ length: 6 }, () => streamName('Ordered', randomUUID()));
    const seen = new Map<string, number[]>(streams.map((stream) => [stream, []]));
    let atWork = 0;
    let mostAtWork = 0;
    const react: Process<Counted>['react'] = async ({ stream, data, metadata }) => {
      mostAtWork = Math.max(mostAtWork, ++atWork);
      expect(metadata.correlationId).toBe('click');
      await new Promise(setImmediate);
      const numbers = seen.get(stream) ?? [];
      // At least once: what it has seen may come again behind a checkpoint, and nothing is left out.
      expect(data.number).toBeLessThanOrEqual((numbers.at(-1) ?? 0) + 1);
      if (!numbers.includes(data.number)) numbers.push(data.number);
      atWork--;
    };
    const total = () => [...seen.values()].reduce((sum, numbers) => sum + numbers.length, 0);
    for (const last of [60, 120]) {
      const running = bench.start(react, { maxConcurrent: 3 });
      await Promise.all(streams.map((stream) => append(stream, last - 59, last)));
      await until('some are seen', () => total() > (last - 60) * 6 + 30);
      await running.stop();
    }
    const running = bench.start(react, { maxConcurrent: 3 });
    await until('all are seen', () => total() === 720);
    await running.stop();
    for (const numbers of seen.values()) expect(numbers).toEqual(upTo(120));
    expect(mostAtWork).toBe(3);
    expect(bench.saves).toBeLessThan(100);
  });

  it('lets events of one stream go side by side where the process says what orders them', async () => {
    const bench = benchOf('Apart');
    const stream = streamName('Apart', 'one');
    await append(stream, 1, 6);
    const seen: number[] = [];
    let letTheOddOnesGo = (): void => undefined;
    const oddOnesGo = new Promise<void>((done) => {
      letTheOddOnesGo = done;
    });
    const running = bench.start(
      async ({ data: { number } }) => {
        if (number % 2 === 1) await oddOnesGo;
        seen.push(number);
      },
      {},
      ({ data: { number } }) => (number % 2 === 1 ? 'odd' : 'even'),
    );
    await until('the even ones are done, though an odd one came first', () => seen.length === 3);
    expect(seen).toEqual([2, 4, 6]);
    letTheOddOnesGo();
    await until('the odd ones are done too', () => seen.length === 6);
    expect(seen.slice(3)).toEqual([1, 3, 5]);
    await running.stop();
  });

  it('tries an event for ever, shows it, and goes on with the other streams meanwhile', async () => {
    const bench = benchOf('Failing');
    const [bad, good] = [streamName('Failing', 'bad'), streamName('Failing', 'good')];
    await append(bad, 1, 3);
    await append(good, 1, 40);
    const seen: string[] = [];
    let isMended = false;
    let badAt = -1n;
    const running = bench.start(async ({ stream, data, position }) => {
      if (stream === bad && data.number === 2 && !isMended) {
        badAt = position;
        throw new Error('no luck');
      }
      seen.push(`${stream === bad ? 'bad' : 'good'} ${data.number}`);
    });
    const countOf = (name: string) => seen.filter((one) => one.startsWith(name)).length;
    await until('the other stream is done', () => countOf('good') === 40);
    await until('somebody was told', () => bench.stuck.length > 0);
    expect(bench.stuck[0]).toMatchObject({ stream: bad, revision: 1n, error: 'no luck', tries: 4 });
    expect(running.state()).toMatchObject({ open: 2, stuckAt: { stream: bad, type: 'Counted' } });
    expect(bench.saved ?? -1n).toBeLessThan(badAt);
    isMended = true;
    await until('the stream goes on', () => countOf('bad') === 3);
    await until('all is written down', () => (bench.saved ?? -1n) >= badAt);
    expect(running.state().stuckAt).toBeUndefined();
    await running.stop();
    expect(running.state()).toMatchObject({ reacted: 43, open: 0 });
  });

  it('has a failing event again after a restart, though others behind it were done', async () => {
    const bench = benchOf('Restarted');
    const [bad, good] = [streamName('Restarted', 'bad'), streamName('Restarted', 'good')];
    await append(bad, 1, 1);
    await append(good, 1, 20);
    let done = 0;
    let badAt = -1n;
    const first = bench.start(async ({ stream, position }) => {
      if (stream === bad) {
        badAt = position;
        throw new Error('no luck');
      }
      done++;
    });
    await until('the others are done', () => done === 20);
    await first.stop();
    expect(bench.saved ?? -1n).toBeLessThan(badAt);
    const seen: string[] = [];
    const second = bench.start(async ({ stream }) => {
      seen.push(stream);
    });
    await until('all are seen', () => seen.length === 21);
    await second.stop();
    expect(seen).toContain(bad);
  });

  it('takes no more into memory than it may while an event fails', async () => {
    const bench = benchOf('Bounded');
    const [bad, good] = [streamName('Bounded', 'bad'), streamName('Bounded', 'good')];
    await append(bad, 1, 10);
    const running = bench.start(
      async ({ stream }) => {
        if (stream === bad) throw new Error('no luck');
      },
      { maxOpenEvents: 10 },
    );
    await until('it is full', () => running.state().open === 10);
    await append(good, 1, 5);
    await until('it has tried again and again', () => (running.state().stuckAt?.tries ?? 0) > 4);
    expect(running.state()).toMatchObject({ open: 10, reacted: 0 });
    await running.stop();
  });

  it('misses nothing when the event store is killed meanwhile', async () => {
    const bench = benchOf('Killed');
    const stream = streamName('Killed', randomUUID());
    const seen = new Set<number>();
    const running = bench.start(async ({ data }) => {
      seen.add(data.number);
    });
    await append(stream, 1, 50);
    await until('some are seen', () => seen.size > 0);
    await devstore.kill('SIGKILL');
    await devstore.restart();
    await append(stream, 51, 100);
    await until('all are seen', () => seen.size === 100);
    await running.stop();
  });
});
