import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createReleasers } from '../src/lifecycle.ts';

describe('releasers', () => {
  test('what was opened last is closed first, one after the other', async () => {
    const releasers = createReleasers();
    const closed: string[] = [];
    for (const name of ['pool', 'server']) {
      await releasers.add(name, async () => {
        closed.push(`${name} closing`);
        await Promise.resolve();
        closed.push(`${name} closed`);
      });
    }
    await releasers.releaseAll();
    expect(closed).toEqual(['server closing', 'server closed', 'pool closing', 'pool closed']);
  });

  test('all are closed although some fail, and the first error is kept', async () => {
    const releasers = createReleasers();
    const closed: string[] = [];
    const first = new Error('first to fail');
    await releasers.add('pool', () => void closed.push('pool'));
    await releasers.add('client', () => Promise.reject(new Error('second to fail')));
    await releasers.add('server', () => {
      throw first;
    });
    await expect(releasers.releaseAll()).rejects.toMatchObject({
      message: 'Closing server failed.',
      cause: first,
    });
    expect(closed).toEqual(['pool']);
  });

  test('closing twice closes once', async () => {
    const releasers = createReleasers();
    let count = 0;
    await releasers.add('pool', () => {
      count += 1;
    });
    await Promise.all([releasers.releaseAll(), releasers.releaseAll()]);
    expect(count).toBe(1);
  });

  test('what is opened after closing began is closed at once', async () => {
    const releasers = createReleasers();
    await releasers.releaseAll();
    let closed = false;
    await releasers.add('late', () => {
      closed = true;
    });
    expect(closed).toBe(true);
  });

  test('what is being closed can be named', async () => {
    const releasers = createReleasers();
    let seen: string | undefined;
    await releasers.add('pool', () => {
      seen = releasers.releasing;
    });
    await releasers.releaseAll();
    expect([seen, releasers.releasing]).toEqual(['pool', undefined]);
  });
});

/** How a resource behaves when it is closed: see `support/lifecycle-process.ts`. */
async function endedBy(signals: readonly NodeJS.Signals[], closing: string, graceMs: number) {
  const script = new URL('./support/lifecycle-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', script, closing, String(graceMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  const output: string[] = [];
  const pending = [...signals];
  // It prints "running", and after each signal it notices what it does: the moment for the next signal.
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.push(...text.trim().split('\n'));
    const next = pending.shift();
    if (next !== undefined) child.kill(next);
  });
  const [code] = await exit;
  return { code, output };
}

describe('a process of its own', () => {
  test('closes everything at the first signal and exits with 0', async () => {
    const { code, output } = await endedBy(['SIGTERM'], 'works', 5_000);
    expect(code).toBe(0);
    expect(output).toEqual(['running', 'SIGTERM received: shutting down.', 'closed']);
  });

  test('exits at once at the second signal, however long closing takes', async () => {
    expect((await endedBy(['SIGINT', 'SIGINT'], 'hangs', 60_000)).code).toBe(130);
    expect((await endedBy(['SIGINT', 'SIGTERM'], 'hangs', 60_000)).code).toBe(143);
  });

  test('exits with 1 when closing exceeds its bound, and names what it was closing', async () => {
    const { code, output } = await endedBy(['SIGTERM'], 'hangs', 100);
    expect(code).toBe(1);
    expect(output.at(-1)).toBe(
      'Closing the resource takes longer than the 100 ms there are: ending at once.',
    );
  });

  test('exits with 1 when closing fails', async () => {
    expect((await endedBy(['SIGTERM'], 'fails', 5_000)).code).toBe(1);
  });
});
