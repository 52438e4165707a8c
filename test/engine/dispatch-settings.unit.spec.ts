/** The mode of plain orders: the program's split, else the engine's setting, and the same for a buyer each time. */
import { describe, expect, it } from 'vitest';
import { type DispatchSplit, dispatchSplitSchema } from '../../src/domain/shared/dispatch-mode.ts';
import { programIdSchema, userIdSchema } from '../../src/domain/shared/ids.ts';
import { createModeOf } from '../../src/engine/dispatch-settings.ts';

const PROGRAM = programIdSchema.parse('swan-lake');
const buyers = Array.from({ length: 2_000 }, (_, nth) => userIdSchema.parse(`buyer-${nth}`));
const even: DispatchSplit = dispatchSplitSchema.parse([
  { mode: 'v2', weight: 3 },
  { mode: 'v4', weight: 1 },
]);

describe('the mode of an order that names none', () => {
  it('is the engine’s where the program has no split', async () => {
    expect(await createModeOf(async () => null, 'v3')(PROGRAM, userIdSchema.parse('ann'))).toBe('v3');
  });

  it('is the engine’s where the split cannot be read', async () => {
    const modeOf = createModeOf(() => Promise.reject(new Error('away')), 'v2');
    expect(await modeOf(PROGRAM, userIdSchema.parse('ann'))).toBe('v2');
  });

  it('follows the weights of the split, and stays with the buyer', async () => {
    const modeOf = createModeOf(async () => even, 'v3');
    const once = await Promise.all(buyers.map((buyer) => modeOf(PROGRAM, buyer)));
    const again = await Promise.all(buyers.map((buyer) => modeOf(PROGRAM, buyer)));
    expect(again).toEqual(once);
    const queued = once.filter((mode) => mode === 'v4').length / buyers.length;
    expect(once.every((mode) => mode === 'v2' || mode === 'v4')).toBe(true);
    expect(queued).toBeGreaterThan(0.2);
    expect(queued).toBeLessThan(0.3);
  });
});
