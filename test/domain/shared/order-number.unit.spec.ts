import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { orderNumberSchema, userIdSchema } from '../../../src/domain/shared/ids.ts';
import {
  decodeNumber,
  GENES,
  geneOf,
  geneOfOrder,
  MAX_AHEAD_MS,
  NUMBERS_PER_MS,
  type NumberGenerator,
  nextOrderNumber,
  ORDER_EPOCH_MS,
  renewGenerator,
  startGenerator,
  WORKERS,
} from '../../../src/domain/shared/order-number.ts';

const LAST_MS = ORDER_EPOCH_MS + 2 ** 41 - 1;
const NOW_MS = Date.UTC(2026, 4, 1, 12);
const SECOND = 1_000;
const buyer = userIdSchema.parse('buyer-1');

const anyUser = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z-]{0,47}$/).map((id) => userIdSchema.parse(id));
const anyWorker = fc.integer({ min: 0, max: WORKERS - 1 });
const anyTime = fc.integer({ min: ORDER_EPOCH_MS + 1, max: LAST_MS - 1 });

/** Whole seconds, so that two clocks often agree. */
const secondsAround = (seconds: number) =>
  fc.integer({ min: -seconds, max: seconds }).map((offset) => NOW_MS + offset * SECOND);

const unbounded = (workerId: number, fromMs = 0): NumberGenerator =>
  startGenerator({ workerId, fromMs, untilMs: LAST_MS });

/** Makes numbers at the given clock readings, as many as are not refused. */
function numbersAt(start: NumberGenerator, clockMs: readonly number[]) {
  let generator = start;
  const numbers: string[] = [];
  const refusals: string[] = [];
  for (const nowMs of clockMs) {
    const next = nextOrderNumber(generator, buyer, nowMs);
    if (next.kind === 'refused') {
      refusals.push(next.code);
      continue;
    }
    generator = next.generator;
    numbers.push(next.number);
  }
  return { generator, numbers, refusals };
}

describe('an order number', () => {
  test('is always a decimal string below 2^63 that says what it was made of', () => {
    fc.assert(
      fc.property(anyUser, anyWorker, anyTime, (user, workerId, nowMs) => {
        const next = nextOrderNumber(unbounded(workerId), user, nowMs);
        if (next.kind === 'refused') throw new Error(next.code);
        expect(orderNumberSchema.parse(next.number)).toBe(next.number);
        expect(decodeNumber(next.number)).toEqual({
          timeMs: nowMs,
          workerId,
          sequence: 0,
          gene: geneOf(user),
        });
      }),
    );
  });

  test('the first and the last number there can be are both valid', () => {
    const first = numbersAt(unbounded(0), [0]).refusals;
    expect(first).toEqual(['clock_behind']);
    const earliest = numbersAt(unbounded(0), [ORDER_EPOCH_MS]).numbers;
    const latest = numbersAt(unbounded(WORKERS - 1), [LAST_MS - 1]).numbers;
    expect([...earliest, ...latest].map((number) => orderNumberSchema.safeParse(number).success)).toEqual([
      true,
      true,
    ]);
  });

  test('carries the gene of its buyer', () => {
    fc.assert(
      fc.property(anyUser, anyTime, (user, nowMs) => {
        const next = nextOrderNumber(unbounded(3), user, nowMs);
        if (next.kind === 'refused') throw new Error(next.code);
        expect(geneOfOrder(next.number)).toBe(geneOf(user));
        expect(Number(BigInt(next.number) % BigInt(GENES))).toBe(geneOf(user));
      }),
    );
  });
});

describe('the gene', () => {
  test('of these users never changes, because orders are stored by it', () => {
    const genes = ['1', 'buyer-1', 'buyer-2', '018f3c1e-7b7a-7000-8000-0123456789ab'].map((id) =>
      geneOf(userIdSchema.parse(id)),
    );
    expect(genes).toEqual([143, 10, 181, 179]);
  });

  test.each([
    ['counted', (index: number) => `${index}`],
    ['prefixed', (index: number) => `user-${index}`],
    ['zero-padded', (index: number) => String(index).padStart(20, '0')],
  ])('spreads %s user ids evenly', (_, idOf) => {
    const perGene = 400;
    const counts = new Array<number>(GENES).fill(0);
    for (let index = 0; index < GENES * perGene; index += 1) {
      const gene = geneOf(userIdSchema.parse(idOf(index)));
      counts[gene] = (counts[gene] ?? 0) + 1;
    }
    // The standard deviation of a fair die is 20 here; five of them are never seen by chance.
    expect(Math.min(...counts)).toBeGreaterThan(perGene - 100);
    expect(Math.max(...counts)).toBeLessThan(perGene + 100);
  });
});

describe('uniqueness', () => {
  test('numbers of one worker only rise, whatever the clock does', () => {
    const clock = fc.array(fc.integer({ min: -2 * MAX_AHEAD_MS, max: 2 * MAX_AHEAD_MS }), { maxLength: 300 });
    fc.assert(
      fc.property(clock, (jumpsMs) => {
        const { numbers } = numbersAt(
          unbounded(1),
          jumpsMs.map((jumpMs) => NOW_MS + jumpMs),
        );
        const sorted = numbers.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
        expect(numbers.map(BigInt)).toEqual(sorted);
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
    );
  });

  test('more numbers than fit into a millisecond go on in the next', () => {
    const { numbers, generator } = numbersAt(unbounded(1), new Array(3 * NUMBERS_PER_MS).fill(NOW_MS));
    expect(new Set(numbers).size).toBe(3 * NUMBERS_PER_MS);
    expect(generator.lastMs).toBe(NOW_MS + 2);
  });

  test('workers never make the same number, on any clocks', () => {
    const clocks = fc.array(fc.integer({ min: NOW_MS, max: NOW_MS + 5 }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(fc.uniqueArray(anyWorker, { maxLength: 5 }), clocks, (workers, clockMs) => {
        const numbers = workers.flatMap((workerId) => numbersAt(unbounded(workerId), clockMs).numbers);
        expect(new Set(numbers).size).toBe(workers.length * clockMs.length);
      }),
    );
  });

  test('holders of one worker id never make the same number, however late one of them wakes', () => {
    const steps = fc.array(
      fc.record({
        holder: fc.integer({ min: 0, max: 2 }),
        does: fc.constantFrom('lease', 'number', 'number', 'number'),
        clockMs: secondsAround(15),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, (taken) => {
        let untilMs = 0;
        const holders = new Map<number, NumberGenerator>();
        const numbers: string[] = [];
        for (const { holder, does, clockMs } of taken) {
          const before = holders.get(holder);
          if (does === 'lease' || before === undefined) {
            const lease = { workerId: 7, fromMs: untilMs, untilMs: Math.max(clockMs, untilMs) + 10 * SECOND };
            untilMs = lease.untilMs;
            holders.set(holder, before === undefined ? startGenerator(lease) : renewGenerator(before, lease));
          } else {
            const made = numbersAt(before, [clockMs]);
            holders.set(holder, made.generator);
            numbers.push(...made.numbers);
          }
        }
        expect(new Set(numbers).size).toBe(numbers.length);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a restart within the lease goes on at once, ahead of the clock', () => {
    const restarted = startGenerator({ workerId: 7, fromMs: NOW_MS + 9_000, untilMs: NOW_MS + 19_000 });
    expect(numbersAt(restarted, [NOW_MS])).toMatchObject({
      refusals: [],
      generator: { lastMs: NOW_MS + 9_000 },
    });
  });
});

describe('refusals', () => {
  test('a clock set back by up to a minute is bridged, further it is refused', () => {
    const { generator } = numbersAt(unbounded(1), [NOW_MS]);
    expect(numbersAt(generator, [NOW_MS - MAX_AHEAD_MS]).refusals).toEqual([]);
    expect(nextOrderNumber(generator, buyer, NOW_MS - MAX_AHEAD_MS - 1)).toEqual({
      kind: 'refused',
      code: 'clock_behind',
      behindMs: MAX_AHEAD_MS + 1,
    });
  });

  test('no number is made at or after the end of the lease, until it is renewed', () => {
    const started = startGenerator({ workerId: 1, fromMs: NOW_MS, untilMs: NOW_MS + 1 });
    const { numbers, refusals, generator } = numbersAt(started, new Array(NUMBERS_PER_MS + 1).fill(NOW_MS));
    expect([numbers.length, refusals]).toEqual([NUMBERS_PER_MS, ['lease_ended']]);
    const lease = { workerId: 1, fromMs: NOW_MS + 1, untilMs: NOW_MS + 9 };
    expect(numbersAt(renewGenerator(generator, lease), [NOW_MS])).toMatchObject({
      refusals: [],
      generator: { lastMs: NOW_MS + 1 },
    });
    const later = { ...lease, fromMs: NOW_MS + 5 };
    expect(numbersAt(renewGenerator(generator, later), [NOW_MS + 3])).toMatchObject({
      refusals: [],
      generator: { lastMs: NOW_MS + 5 },
    });
  });

  test('a worker id or a time that does not fit is a bug', () => {
    const lease = { fromMs: NOW_MS, untilMs: NOW_MS + 1 };
    expect(() => startGenerator({ ...lease, workerId: WORKERS })).toThrow(RangeError);
    expect(() => startGenerator({ ...lease, workerId: -1 })).toThrow(RangeError);
    expect(() => startGenerator({ workerId: 1, fromMs: NOW_MS, untilMs: LAST_MS + 1 })).toThrow(RangeError);
    expect(() => startGenerator({ workerId: 1, fromMs: NOW_MS, untilMs: NOW_MS - 1 })).toThrow(RangeError);
  });
});
