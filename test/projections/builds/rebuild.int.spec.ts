/** A rebuilt read model is the live one, row for row, and takes its place. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createProjections } from '../../../src/projections/registry.ts';
import { certificateSchema } from '../../../src/rebuild/certificate.ts';
import { flashSale } from '../flash-sale.ts';
import { contents } from '../read-models.ts';
import { quietly, strictly, useHouse } from './house.ts';

const house = useHouse();

beforeAll(async () => {
  await house.append(flashSale(120));
  await house.fill();
});

describe('a rebuild', () => {
  it('of every read model finds no difference, and leaves the same rows', async () => {
    const before = await contents(house.db);
    for (const rebuildable of house.rebuildables()) {
      const { outcome, differences, certificate } = await rebuildable.rebuild(strictly());
      expect(outcome).toBe('swapped');
      expect(differences).toEqual({ count: 0, first: [] });
      expect(() => certificateSchema.parse(certificate)).not.toThrow();
    }
    expect(await contents(house.db)).toEqual(before);
    expect(await house.schemas()).toEqual(
      createProjections()
        .map(({ name }) => `${name}_1`)
        .sort(),
    );
  });

  it('verifies', async () => {
    for (const rebuildable of house.rebuildables()) {
      const { differences } = await rebuildable.verify(quietly());
      expect(differences.count).toBe(0);
    }
  });
});
