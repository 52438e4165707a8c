/**
 * The devstore command as a person meets it: wrong options, a port or a folder in use, and how it stops.
 */
import { createServer } from 'node:net';
import { CancelledError, EventStoreDBClient, MaxAppendSizeExceededError } from '@eventstore/db-client';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type Devstore,
  type DevstoreOptions,
  runSeatlog,
  startDevstore,
} from '../support/devstore-process.ts';
import { follow } from '../support/follow.ts';
import { failureOf, numberedEvents, readWhole, uniqueName } from '../support/streams.ts';

const started: Devstore[] = [];

async function start(
  options: DevstoreOptions = {},
): Promise<{ devstore: Devstore; client: EventStoreDBClient }> {
  const devstore = await startDevstore(options);
  started.push(devstore);
  const client = EventStoreDBClient.connectionString(devstore.url);
  return { devstore, client };
}

afterEach(async () => {
  for (const devstore of started.splice(0)) await devstore.close();
});

/** One sentence for a person: a single line, and no stack trace. */
function expectOneSentence(output: string): void {
  expect(output.trim().split('\n')).toHaveLength(1);
  expect(output).not.toMatch(/\bat .+:\d+:\d+/);
}

describe('The devstore command', () => {
  it.each([
    ['a port that is no number', 2, ['--port', 'abc']],
    ['a port out of range', 2, ['--port', '70000']],
    ['a maximum append size that is no number', 2, ['--port', '0', '--max-append-size', 'big']],
    ['a maximum append size of nothing', 2, ['--port', '0', '--max-append-size', '0']],
    ['an option that there is not', 2, ['--port', '0', '--frobnicate']],
    ['two places to keep events in', 2, ['--port', '0', '--memory']],
    ['a data directory that cannot be made', 1, ['--port', '0', '--data-dir', '/dev/null/devstore']],
  ])('ends with one clear sentence when it is given %s', async (_what, exitCode, options) => {
    const dataDir = options.includes('--data-dir') ? [] : ['--data-dir', '/tmp/seatlog-never-made'];
    const { code, output } = await runSeatlog(['devstore', ...options, ...dataDir]);
    expect(code).toBe(exitCode);
    expectOneSentence(output);
  });

  it('ends with one clear sentence that names the port when it is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((done) => server.once('listening', done));
    const address = server.address();
    const port = typeof address === 'object' ? `${address?.port}` : '';
    const { code, output } = await runSeatlog(['devstore', '--port', port, '--memory']);
    expect(code).toBe(1);
    expectOneSentence(output);
    expect(output).toContain(port);
  });

  it('ends with one clear sentence that names the data directory when another process uses it', async () => {
    const { devstore, client } = await start();
    const { code, output } = await runSeatlog(['devstore', '--port', '0', '--data-dir', devstore.dataDir]);
    expect(code).toBe(1);
    expectOneSentence(output);
    expect(output).toContain(devstore.dataDir);
    await client.appendToStream(uniqueName(), numberedEvents(1));
  });

  it('takes a data directory over from a process that was killed', async () => {
    const { devstore, client } = await start();
    const stream = uniqueName();
    await client.appendToStream(stream, numberedEvents(1));
    await devstore.kill('SIGKILL');
    const next = await start({ dataDir: devstore.dataDir });
    expect(await readWhole(next.client, stream)).toHaveLength(1);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s ends open calls with CANCELLED and exits with 0',
    async (signal) => {
      const { devstore, client } = await start();
      const stream = uniqueName();
      await client.appendToStream(stream, numberedEvents(1));
      const followers = [follow(client.subscribeToStream(stream)), follow(client.subscribeToAll())];
      for (const follower of followers) await follower.caughtUp();
      const exit = devstore.kill(signal);
      for (const follower of followers) expect(await follower.failed()).toBeInstanceOf(CancelledError);
      expect(await exit).toEqual({ code: 0, signal: null });
    },
  );

  it('refuses appends over the maximum that it was given', async () => {
    const { client } = await start({ maxAppendSize: 5_000 });
    const error = await failureOf(client.appendToStream(uniqueName(), numberedEvents(500)));
    expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
    expect(error).toMatchObject({ maxAppendSize: 5_000 });
    await client.appendToStream(uniqueName(), numberedEvents(10));
  });

  it('in memory serves like on disk and has forgotten everything after a restart', async () => {
    const { devstore, client } = await start({ memory: true });
    const stream = uniqueName();
    await client.appendToStream(stream, numberedEvents(1));
    expect(await readWhole(client, stream)).toHaveLength(1);
    await devstore.kill('SIGTERM');
    await devstore.restart();
    const after = EventStoreDBClient.connectionString(`${devstore.url}&keepAliveInterval=10001`);
    await after.appendToStream(stream, numberedEvents(1), { expectedRevision: 'no_stream' });
  });
});
