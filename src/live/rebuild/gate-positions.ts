/** Which events made what is expected of a sale: found by reading its stream once more, only where something differs. */
import type { SaleEvent } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { type Effect, nameOf } from '../../gate/index.ts';
import type { Difference } from '../../rebuild/rebuildable.ts';
import { effectOf } from '../effects.ts';
import type { About, Found } from './compare-sale.ts';
import { addPosition } from './differences.ts';
import { foldOn, isBroken, newSale, type SaleReading } from './sale-stream.ts';

/** Up to a revision of the sale. A broken sale is read as far as it can be. Rejects as `foldOn` does. */
export const withPositions = async (
  reading: SaleReading,
  programId: ProgramId,
  found: readonly Found[],
  until: bigint,
): Promise<Difference[]> => {
  const asked = found.map(({ about, ...difference }) => ({ about, difference, positions: [] as bigint[] }));
  if (asked.length === 0) return [];
  try {
    await foldOn(reading, programId, newSale(), until, (state, event, { revision, position }) => {
      const effect = effectOf(state, event, revision, () => undefined);
      for (const { about, positions } of asked) {
        if (isMadeBy(about, event, effect)) addPosition(positions, position);
      }
    });
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
  return asked.map(({ difference, positions }) => ({ ...difference, positions }));
};

const isMadeBy = (about: About, { type }: SaleEvent, { stock, buyer, seats, request }: Effect): boolean => {
  switch (about.kind) {
    case 'sale':
      return type === 'SaleStarted';
    case 'category':
      return type === 'SaleStarted' || (stock ?? []).some(({ category }) => category === about.category);
    case 'seat':
      return type === 'SaleStarted' || (seats?.numbers ?? []).includes(about.seat);
    case 'buyer':
      return buyer !== undefined && nameOf(buyer.buyer) === about.name;
    case 'request':
      return request !== undefined && nameOf(request) === about.name;
  }
};
