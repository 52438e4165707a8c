/**
 * The wrapper against a server that is killed, frozen or not there: every call ends in its own time, in words
 * a caller can act on, and repeating an append is safe whatever became of the first one.
 */
import { describe, expect, it, vi } from 'vitest';
import { EventStoreError } from '../../src/eventstore/index.ts';
import { failureOf } from '../support/streams.ts';
import {
  countedEvents,
  devstoreForTest,
  followAll,
  numberOf,
  openForTest,
  range,
  readNumbers,
  uniqueStream,
} from './support.ts';

const SHORT = {
  appendAttemptTimeoutMs: 400,
  appendTimeoutMs: 1_500,
  readTimeoutMs: 400,
  connectTimeoutMs: 400,
};

describe('A server that is killed', () => {
  it('makes calls fail as unavailable in time, and serves the same store when it is back', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, SHORT);
    const stream = uniqueStream();
    await store.append(stream, 'no_stream', countedEvents(stream, 'a', 1));
    await server.kill('SIGKILL');
    const started = performance.now();
    const [append, read] = await Promise.all([
      failureOf(store.append(stream, 0n, countedEvents(stream, 'b', 2))),
      failureOf(store.lastEvent(stream)),
    ]);
    expect(performance.now() - started).toBeLessThan(SHORT.appendTimeoutMs + 1_500);
    expect(append).toMatchObject({ kind: 'unavailable' });
    expect(read).toMatchObject({ kind: 'unavailable' });
    await server.restart();
    const again = await store.append(stream, 0n, countedEvents(stream, 'b', 2));
    expect(again).toMatchObject({ kind: 'appended', revision: 1n });
    expect(await readNumbers(store, stream)).toEqual([1, 2]);
  });

  it('is waited for by an append that has time, which then has one effect', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, { appendTimeoutMs: 30_000 });
    const stream = uniqueStream();
    await store.append(stream, 'no_stream', countedEvents(stream, 'a', 0));
    await server.kill('SIGKILL');
    const waiting = store.append(stream, 0n, countedEvents(stream, 'b', 1));
    await server.restart();
    expect(await waiting).toMatchObject({ kind: 'appended', revision: 1n });
    expect(await readNumbers(store, stream)).toEqual([0, 1]);
  });

  it('in the middle of appends leaves each with one effect when all are repeated', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, { appendTimeoutMs: 30_000 });
    const streams = range(0, 40).map(() => uniqueStream());
    let acknowledged = 0;
    const writers = streams.map(async (stream) => {
      for (const number of range(0, 25)) {
        const expected = number === 0 ? 'no_stream' : BigInt(number - 1);
        const outcome = await store.append(stream, expected, countedEvents(stream, `c${number}`, number));
        expect(outcome).toMatchObject({ kind: 'appended', revision: BigInt(number) });
        acknowledged += 1;
      }
    });
    for (const enough of [150, 500]) {
      await vi.waitUntil(() => acknowledged >= enough, { timeout: 20_000, interval: 1 });
      await server.kill('SIGKILL');
      await server.restart();
    }
    await Promise.all(writers);
    for (const stream of streams) expect(await readNumbers(store, stream)).toEqual(range(0, 25));
  });

  it('and never comes back fails an append that was sent as possibly written', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, SHORT);
    const stream = uniqueStream();
    await store.append(stream, 'no_stream', countedEvents(stream, 'a', 0));
    process.kill(server.pid, 'SIGSTOP');
    const sent = failureOf(store.append(stream, 0n, countedEvents(stream, 'b', 1)));
    await server.kill('SIGKILL');
    expect(await sent).toMatchObject({ mayBeWritten: true });
    const unsent = await failureOf(store.append(stream, 0n, countedEvents(stream, 'b', 1)));
    expect(unsent).toMatchObject({ kind: 'unavailable', mayBeWritten: false });
  });
});

describe('A server that freezes', () => {
  it('makes calls time out in their own time, and works again when it thaws', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, SHORT);
    const stream = uniqueStream();
    await store.append(stream, 'no_stream', countedEvents(stream, 'a', 0));
    process.kill(server.pid, 'SIGSTOP');
    const started = performance.now();
    const [append, read] = await Promise.all([
      failureOf(store.append(stream, 0n, countedEvents(stream, 'b', 1))),
      failureOf(store.lastEvent(stream)),
    ]);
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(append).toMatchObject({ kind: 'timed-out', mayBeWritten: true });
    expect(read).toMatchObject({ kind: 'timed-out' });
    const secondStarted = performance.now();
    await failureOf(store.append(stream, 0n, countedEvents(stream, 'b', 1)));
    expect(performance.now() - secondStarted).toBeLessThan(SHORT.appendTimeoutMs + 500);
    process.kill(server.pid, 'SIGCONT');
    const again = await store.append(stream, 0n, countedEvents(stream, 'b', 1));
    expect(again).toMatchObject({ kind: 'appended', revision: 1n });
    expect(await readNumbers(store, stream)).toEqual([0, 1]);
  });

  it('under more appends than its connection takes fails them all and ends no process', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, { ...SHORT, appendTimeoutMs: 6_000 });
    const pad = 'x'.repeat(20_000);
    const streams = range(0, 200).map(() => uniqueStream());
    await store.ping();
    process.kill(server.pid, 'SIGSTOP');
    const appends = streams.map((stream) => {
      const events = countedEvents(stream, `c-${pad}`, 1);
      return failureOf(store.append(stream, 'no_stream', events));
    });
    const failures = await Promise.all(appends);
    expect(failures.every((failure) => failure instanceof EventStoreError)).toBe(true);
    process.kill(server.pid, 'SIGCONT');
    const again = await Promise.all(
      streams.map((stream) => store.append(stream, 'no_stream', countedEvents(stream, `c-${pad}`, 1))),
    );
    expect(again.every((outcome) => outcome.kind === 'appended' && outcome.revision === 0n)).toBe(true);
    for (const stream of streams.slice(0, 50)) expect(await readNumbers(store, stream)).toEqual([1]);
  });

  it('and dies may let somebody else write first, which the repeated append is told', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, SHORT);
    const stream = uniqueStream();
    await store.ping();
    process.kill(server.pid, 'SIGSTOP');
    const failure = await failureOf(store.append(stream, 'no_stream', countedEvents(stream, 'ours', 1)));
    expect(failure).toMatchObject({ kind: 'timed-out', mayBeWritten: true });
    await server.kill('SIGKILL');
    await server.restart();
    await store.append(stream, 'no_stream', countedEvents(stream, 'theirs', 7));
    const ours = await store.append(stream, 'no_stream', countedEvents(stream, 'ours', 1));
    expect(ours).toEqual({ kind: 'wrong-expected-revision', actual: 0n });
    expect(await readNumbers(store, stream)).toEqual([7]);
  });
});

describe('A subscription whose server is killed', () => {
  it('goes on behind what was confirmed, without a gap and without a repeat', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, { appendTimeoutMs: 30_000 });
    const stream = uniqueStream('Followed');
    const follower = followAll(store, {
      from: 'start',
      filter: { streamPrefixes: ['Followed-'] },
      batchMaxEvents: 7,
      reconnectBackoff: { firstMs: 20, maxMs: 200 },
    });
    const total = 300;
    const writing = (async () => {
      for (const number of range(0, total)) {
        const expected = number === 0 ? 'no_stream' : BigInt(number - 1);
        await store.append(stream, expected, countedEvents(stream, `c${number}`, number));
      }
    })();
    for (const seen of [50, 150]) {
      await follower.until(() => follower.seen.length >= seen);
      await server.kill('SIGKILL');
      await server.restart();
    }
    await writing;
    await follower.until(() => follower.seen.length >= total);
    expect(follower.seen.map(numberOf)).toEqual(range(0, total));
    await vi.waitUntil(() => follower.subscription.state().confirmedEvents === total);
    const state = follower.subscription.state();
    expect(state.reconnects).toBeGreaterThanOrEqual(2);
    expect(state.lastError).toMatchObject({ kind: 'unavailable' });
    expect(state.confirmedEvents).toBe(total);
    expect(follower.statuses).toContain('backing-off');
    const ordered = follower.positions.every(
      (at, index) => index === 0 || at > (follower.positions[index - 1] ?? at),
    );
    expect(ordered).toBe(true);
  });

  it('from the end does not skip what was written while it was away', async () => {
    const server = await devstoreForTest();
    const store = openForTest(server.url, { appendTimeoutMs: 30_000 });
    const stream = uniqueStream();
    await store.append(stream, 'no_stream', countedEvents(stream, 'before', 0));
    // Longer than the server takes to be back, on a busy machine too.
    const reconnectBackoff = { firstMs: 6_000, maxMs: 6_000 };
    const follower = followAll(store, { from: 'end', reconnectBackoff });
    await follower.until(() => follower.statuses.includes('live'));
    await server.kill('SIGKILL');
    await follower.until(() => follower.statuses.includes('backing-off'));
    await server.restart();
    await store.append(stream, 0n, countedEvents(stream, 'while away', 1));
    expect(follower.subscription.state().status).toBe('backing-off');
    await follower.until(() => follower.seen.length > 0);
    expect(follower.seen.map(numberOf)).toEqual([1]);
  });
});
