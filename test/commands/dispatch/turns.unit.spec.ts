/** Turns: one at a time by name, in order, whatever becomes of the work. */
import { describe, expect, it } from 'vitest';
import { createTurns } from '../../../src/commands/dispatch/turns.ts';
import { OverloadedError } from '../../../src/commands/warm-stream.ts';

const later = (): { promise: Promise<void>; resolve: () => void } => {
  let resolve = (): void => {};
  const promise = new Promise<void>((resolver) => {
    resolve = resolver;
  });
  return { promise, resolve };
};

describe('turns', () => {
  it('are taken one after another by the same name, and side by side by others', async () => {
    const turns = createTurns();
    const gate = later();
    const seen: string[] = [];
    const first = turns.take('a', async () => {
      await gate.promise;
      seen.push('a1');
    });
    const second = turns.take('a', async () => seen.push('a2'));
    await turns.take('b', async () => seen.push('b1'));
    expect(seen).toEqual(['b1']);
    gate.resolve();
    await Promise.all([first, second]);
    expect(seen).toEqual(['b1', 'a1', 'a2']);
  });

  it('go on behind work that failed, which fails its own caller alone', async () => {
    const turns = createTurns();
    const failing = turns.take('a', () => Promise.reject(new Error('no luck')));
    const next = turns.take('a', async () => 'luck');
    await expect(failing).rejects.toThrow('no luck');
    expect(await next).toBe('luck');
  });

  it('are refused as overloaded behind two thousand others, and are to be had again later', async () => {
    const turns = createTurns();
    const gate = later();
    const waiting = Array.from({ length: 2_000 }, () => turns.take('a', () => gate.promise));
    await expect(turns.take('a', async () => undefined)).rejects.toBeInstanceOf(OverloadedError);
    gate.resolve();
    await Promise.all(waiting);
    expect(await turns.take('a', async () => 'free')).toBe('free');
  });
});
