/**
 * A full disk must cost new appends only: they are refused with a typed error, reads go on, nothing acknowledged is
 * lost, and with room made the same process takes appends again. Needs a small tmpfs of its own, so root on Linux.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, isCommandError, jsonEvent } from '@eventstore/db-client';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { startDevstore } from '../support/devstore-process.ts';
import { failureOf, numberedEvents, numbersOf, range, readWhole } from '../support/streams.ts';

const DISK_MIB = 24;
const BALLAST_MIB = 8;
const MIB = 1_048_576;
const EVENT_BYTES = 100_000;
const STREAM = 'DiskFull-1';

const disk = mkdtempSync(join(tmpdir(), 'seatlog-disk-'));
const obstacle = mountTmpfs();

function mountTmpfs(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux for a tmpfs';
  if (process.getuid?.() !== 0) return 'needs root to mount a tmpfs';
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m`, 'tmpfs', disk], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `cannot mount a tmpfs here: ${String(error)}`;
  }
}

afterAll(() => {
  if (!obstacle) execFileSync('umount', ['-l', disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe('A full disk', () => {
  it('refuses appends cleanly, keeps what was acknowledged, and recovers when there is room', async (context) => {
    if (obstacle) return context.skip(obstacle);
    const ballast = join(disk, 'ballast');
    await writeFile(ballast, Buffer.alloc(BALLAST_MIB * MIB, 1));
    const devstore = await startDevstore({ dataDir: join(disk, 'data') });
    onTestFinished(() => devstore.close());
    const client = EventStoreDBClient.connectionString(devstore.url);
    const { pid } = devstore;

    let acknowledged = 0;
    let refusal: Error | undefined;
    const most = (DISK_MIB * MIB) / EVENT_BYTES;
    while (!refusal && acknowledged < most) {
      const event = jsonEvent({
        type: 'Numbered',
        data: { number: acknowledged, padding: 'x'.repeat(EVENT_BYTES) },
      });
      refusal = await client.appendToStream(STREAM, event).then(
        () => undefined,
        (error: Error) => error,
      );
      if (!refusal) acknowledged += 1;
    }
    expect(refusal, `after ${acknowledged} appends of ${EVENT_BYTES} bytes`).toBeDefined();
    expect(refusal && isCommandError(refusal), String(refusal)).toBe(true);
    expect(acknowledged).toBeGreaterThan(10);

    const big = jsonEvent({ type: 'Numbered', data: { number: -1, padding: 'x'.repeat(EVENT_BYTES) } });
    expect(isCommandError(await failureOf(client.appendToStream(STREAM, big)))).toBe(true);
    expect(numbersOf(await readWhole(client, STREAM))).toEqual(range(0, acknowledged));
    expect(devstore.pid).toBe(pid);

    await rm(ballast);
    await client.appendToStream(STREAM, numberedEvents(1, 'Numbered', acknowledged), {
      expectedRevision: BigInt(acknowledged - 1),
    });
    expect(numbersOf(await readWhole(client, STREAM))).toEqual(range(0, acknowledged + 1));

    await devstore.kill('SIGTERM');
    await devstore.restart();
    const after = EventStoreDBClient.connectionString(`${devstore.url}&keepAliveInterval=10001`);
    expect(numbersOf(await readWhole(after, STREAM))).toEqual(range(0, acknowledged + 1));
  });
});
