/** What the first release wrote is read for ever: by today's codec, and to today's states. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { saleEventSpecs } from '../../src/domain/sale/index.ts';
import { type EventSpec, eventSpec } from '../../src/domain/shared/event.ts';
import { engineCodec, saleCodec } from '../../src/event-catalogue.ts';
import { createCodec } from '../../src/eventstore/index.ts';
import { chapters } from './chapters/index.ts';
import { keptEvents, keptLines } from './kept-log.ts';
import { problemsOf } from './problems.ts';
import { statesOf } from './states.ts';

const log = keptEvents();
const sales = log.filter(({ stream }) => stream.startsWith('Sale-'));

/** The events of a sale, one of them described otherwise. */
const saleCodecWith = (changed: EventSpec) =>
  createCodec(saleEventSpecs.map((spec): EventSpec => (spec.type === changed.type ? changed : spec)));

const cancelled = saleEventSpecs.find(({ type }) => type === 'OrderCancelled') as EventSpec<
  'OrderCancelled',
  { readonly orderNumber: string; readonly places: unknown }
>;
const withReason = z.strictObject({ orderNumber: z.string(), places: z.unknown(), reason: z.string() });

describe('the kept log', () => {
  it('is read by this release to the last event, and has an example of everything it writes', () => {
    expect(problemsOf(engineCodec, log)).toEqual([]);
  });

  it('comes to the states that were kept with it', async () => {
    const states = Object.entries(statesOf(log));
    const lines = states.map(([stream, state]) => `${JSON.stringify({ stream, state })}\n`);
    await expect(lines.join('')).toMatchFileSnapshot('./results/states.jsonl');
  });

  it('has the lines of each chapter together, and all of its chapters are told', () => {
    const names = keptLines().map(({ chapter }) => chapter);
    const order = names.filter((name, index) => name !== names[index - 1]);
    expect(order).toEqual(chapters.map(({ name }) => name));
  });
});

describe('the check of the kept log', () => {
  it('reads old events through the upcaster of a new version', () => {
    const upcast = { 1: (data: unknown) => ({ ...(data as object), reason: 'not told' }) };
    const codec = saleCodecWith({ type: 'OrderCancelled', version: 2, schema: withReason, upcast });
    const [lacking, ...others] = problemsOf(codec, sales);
    expect(lacking).toMatch(/^OrderCancelled version 2 has no example: tell it/);
    expect(others).toEqual([]);
    const stored = sales.find(({ type }) => type === 'OrderCancelled');
    const decoded = stored && codec.decode(stored);
    expect(decoded).toMatchObject({ event: { data: { reason: 'not told' } } });
  });

  it('refuses a new version that old events have no way to', () => {
    const spec = { ...cancelled, version: 2 };
    expect(() => saleCodecWith(spec)).toThrow('OrderCancelled version 2: upcasters missing from [1]');
  });

  it('names the events that an upcaster makes nothing of', () => {
    const upcast = { 1: () => ({}) };
    const codec = saleCodecWith({ type: 'OrderCancelled', version: 2, schema: withReason, upcast });
    expect(problemsOf(codec, sales)).toContainEqual(
      expect.stringMatching(/^OrderCancelled version 1 at \d+@Sale-swan-lake cannot be read/),
    );
  });

  it('names the events that a schema has changed under, without a new version', () => {
    const stricter = saleCodecWith(eventSpec('OrderCancelled', withReason));
    expect(problemsOf(stricter, sales)).toContainEqual(
      expect.stringMatching(/^OrderCancelled version 1 at .* cannot be read/),
    );
    const forgetful = saleCodecWith(eventSpec('OrderCancelled', z.object({ orderNumber: z.string() })));
    expect(problemsOf(forgetful, sales)).toContainEqual(
      expect.stringMatching(/^OrderCancelled version 1 at .* reads as something else than is stored$/),
    );
  });

  it('names the events whose type is gone, and the types that have no example', () => {
    const without = createCodec(saleEventSpecs.filter(({ type }) => type !== 'OrderReseated'));
    expect(problemsOf(without, sales)).toContainEqual(
      expect.stringMatching(/^OrderReseated version 1 at .* is not known any more$/),
    );
    const fewer = sales.filter(({ type }) => type !== 'OrderReseated');
    expect(problemsOf(saleCodec, fewer)).toEqual([
      expect.stringMatching(/^OrderReseated version 1 has no example/),
    ]);
  });
});
