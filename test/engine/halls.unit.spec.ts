/** What is known of a sale without asking it: read once, for all who ask at once, and not asked for in vain. */
import { describe, expect, it } from 'vitest';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { createHalls } from '../../src/engine/halls.ts';
import { terms } from '../domain/sale/fixtures.ts';

const PROGRAM = programIdSchema.parse('swan-lake');
const SEATS = 14;

describe('the halls of this process', () => {
  it('are read once, however many ask at the same time', async () => {
    let reads = 0;
    const halls = createHalls(
      async () => {
        reads++;
        return terms();
      },
      () => 0,
    );
    const found = await Promise.all([halls.of(PROGRAM), halls.of(PROGRAM), halls.of(PROGRAM)]);
    await halls.of(PROGRAM);
    expect(found.map((hall) => hall?.names.seatCount)).toEqual([SEATS, SEATS, SEATS]);
    expect(reads).toBe(1);
  });

  it('are not looked for again at once where there is no sale, and found a second after it started', async () => {
    let nowMs = 0;
    let reads = 0;
    let isStarted = false;
    const halls = createHalls(
      async () => {
        reads++;
        return isStarted ? terms() : undefined;
      },
      () => nowMs,
    );
    expect(await halls.of(PROGRAM)).toBeUndefined();
    isStarted = true;
    expect(await halls.of(PROGRAM)).toBeUndefined();
    expect(reads).toBe(1);
    nowMs = 1_000;
    expect((await halls.of(PROGRAM))?.names.seatCount).toBe(SEATS);
  });

  it('are read again after the log could not be reached', async () => {
    const answers = [() => Promise.reject(new Error('away')), () => Promise.resolve(terms())];
    const halls = createHalls(
      () => answers.shift()?.() ?? Promise.reject(new Error('asked once too often')),
      () => 0,
    );
    await expect(halls.of(PROGRAM)).rejects.toThrow('away');
    expect((await halls.of(PROGRAM))?.names.seatCount).toBe(SEATS);
  });
});
