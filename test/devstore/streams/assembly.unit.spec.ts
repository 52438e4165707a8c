/** Chunks of many appends arrive interleaved; each append is put together once, and answered once. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AssembledAppend, createAssembly } from '../../../src/devstore/streams/assembly.ts';
import type { BatchAppendChunk } from '../../../src/devstore/wire/batch-append.ts';
import { holds } from '../../support/properties.ts';

const MAX_APPEND_BYTES = 100;
const TYPE = 'T';
/** What the type of an event counts against the limit. */
const TYPE_BYTES = 2 * TYPE.length;
const NEVER = Number.POSITIVE_INFINITY;

const eventOf = (size: number, id = 0): BatchAppendChunk['events'][number] => ({
  id: Buffer.alloc(16, id),
  type: TYPE,
  contentType: '',
  metadata: Buffer.alloc(0),
  data: Buffer.alloc(size),
});

type Asked = { id: string; sizes?: number[]; begins?: boolean; ends?: boolean; deadlineAtMs?: number };

const chunk = ({ id, sizes = [1], begins = false, ends = false, deadlineAtMs = NEVER }: Asked) => ({
  correlationId: Buffer.from(id),
  options: begins ? { stream: `stream-${id}`, expected: 'any' as const, deadlineAtMs } : undefined,
  events: sizes.map((size) => eventOf(size)),
  isFinal: ends,
});

const noLateness = (): void => {
  throw new Error('nothing here is late');
};

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('an append', () => {
  it('of one chunk is whole at once', () => {
    const { take } = createAssembly(MAX_APPEND_BYTES, noLateness);
    const assembled = take(chunk({ id: 'a', sizes: [10, 20], begins: true, ends: true }));
    expect(assembled).toMatchObject({ kind: 'assembled', bytes: 30 + 2 * TYPE_BYTES });
    expect(assembled).toMatchObject({ options: { stream: 'stream-a' }, correlationId: Buffer.from('a') });
  });

  it('of several chunks is whole with its last, which may be empty', () => {
    const { take } = createAssembly(MAX_APPEND_BYTES, noLateness);
    expect(take(chunk({ id: 'a', begins: true }))).toBeUndefined();
    expect(take(chunk({ id: 'a', sizes: [] }))).toBeUndefined();
    expect(take(chunk({ id: 'a', sizes: [2, 3] }))).toBeUndefined();
    const assembled = take(chunk({ id: 'a', sizes: [], ends: true }));
    expect(assembled).toMatchObject({ kind: 'assembled', bytes: 6 + 3 * TYPE_BYTES });
  });

  it('that begins without options is refused', () => {
    const { take } = createAssembly(MAX_APPEND_BYTES, noLateness);
    expect(take(chunk({ id: 'a', ends: true }))).toMatchObject({ kind: 'invalid' });
  });

  it('over the limit is counted whole and held only in part', () => {
    const { take } = createAssembly(MAX_APPEND_BYTES, noLateness);
    take(chunk({ id: 'a', sizes: [60], begins: true }));
    take(chunk({ id: 'a', sizes: [60] }));
    const assembled = take(chunk({ id: 'a', sizes: [60], ends: true })) as AssembledAppend;
    expect(assembled.bytes).toBe(180 + 3 * TYPE_BYTES);
    expect(assembled.events).toHaveLength(1);
  });

  it('is refused when a hundred others of its call are unfinished, until one of them ends', () => {
    const { take } = createAssembly(MAX_APPEND_BYTES, noLateness);
    for (let index = 0; index < 100; index++) take(chunk({ id: `open-${index}`, begins: true }));
    expect(take(chunk({ id: 'a', begins: true }))).toMatchObject({ kind: 'invalid' });
    expect(take(chunk({ id: 'open-0', ends: true }))).toMatchObject({ kind: 'assembled' });
    expect(take(chunk({ id: 'a', begins: true, ends: true }))).toMatchObject({ kind: 'assembled' });
  });
});

describe('an append whose deadline passes between its chunks', () => {
  it('is reported once, and its other chunks are dropped', () => {
    const onLate = vi.fn();
    const { take } = createAssembly(MAX_APPEND_BYTES, onLate);
    take(chunk({ id: 'a', begins: true, deadlineAtMs: Date.now() + 50 }));
    vi.advanceTimersByTime(50);
    expect(onLate).toHaveBeenCalledTimes(1);
    expect(onLate).toHaveBeenCalledWith(Buffer.from('a'), expect.objectContaining({ stream: 'stream-a' }));
    expect(take(chunk({ id: 'a' }))).toBeUndefined();
    expect(take(chunk({ id: 'a', ends: true }))).toBeUndefined();
    expect(onLate).toHaveBeenCalledTimes(1);
  });

  it('is not reported when it was whole in time, nor when its call is gone', () => {
    const onLate = vi.fn();
    const { take, close } = createAssembly(MAX_APPEND_BYTES, onLate);
    take(chunk({ id: 'a', begins: true, deadlineAtMs: Date.now() + 50 }));
    take(chunk({ id: 'a', ends: true }));
    take(chunk({ id: 'b', begins: true, deadlineAtMs: Date.now() + 50 }));
    close();
    vi.advanceTimersByTime(1_000);
    expect(onLate).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

it('keeps interleaved appends apart and each in its order', () => {
  const arbitraryAppends = fc.array(fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 6,
  });
  holds(
    fc.property(arbitraryAppends, fc.infiniteStream(fc.nat()), (appends, choices) => {
      const { take } = createAssembly(MAX_APPEND_BYTES, noLateness);
      const sent = appends.map(() => 0);
      const assembled = new Map<string, readonly number[]>();
      for (;;) {
        const unfinished = appends.flatMap((sizes, index) =>
          (sent[index] ?? 0) < sizes.length ? [index] : [],
        );
        const [choice = 0] = choices.take(1);
        const index = unfinished[choice % unfinished.length];
        if (index === undefined) break;
        const sizes = appends[index] ?? [];
        const at = sent[index] ?? 0;
        const whole = take({
          ...chunk({ id: `${index}`, begins: at === 0, ends: at === sizes.length - 1 }),
          events: Array.from({ length: sizes[at] ?? 0 }, (_, event) => eventOf(0, 10 * at + event)),
        });
        sent[index] = at + 1;
        if (whole?.kind !== 'assembled') continue;
        expect(assembled.has(`${index}`)).toBe(false);
        assembled.set(
          whole.correlationId.toString(),
          whole.events.map(({ id }) => id?.[0] ?? -1),
        );
      }
      const expected = appends.map((sizes) =>
        sizes.flatMap((size, at) => Array.from({ length: size }, (_, event) => 10 * at + event)),
      );
      expect(appends.map((_, index) => assembled.get(`${index}`))).toEqual(expected);
    }),
  );
});
