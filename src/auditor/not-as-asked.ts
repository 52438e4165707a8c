/** Whether a queued order became what its buyer had asked for. */
import type { Asked } from './orders.ts';
import type { SaleData } from './stored-format.ts';

type Order = Pick<
  SaleData<'OrderPlaced'>,
  'requestId' | 'tickets' | 'together' | 'amountMinor' | 'holdToken'
>;

/** In what the order differs; undefined where it is as it was asked for. `categoryIds`: of the hall, in its order. */
export function notAsAsked(
  { requestId, ticketUsers, want, expectedAmountMinor }: Asked,
  order: Order,
  categoryIds: readonly string[],
): string | undefined {
  if (order.requestId !== requestId) return 'request';
  const people = order.tickets.map(({ ticketUser, idDocument }) => `${ticketUser} ${idDocument}`);
  const asked = ticketUsers.map(({ ticketUser, idDocument }) => `${ticketUser} ${idDocument}`);
  if (people.join() !== asked.join()) return 'people';
  if (!areWanted(want, order, categoryIds)) return 'places';
  if (expectedAmountMinor !== undefined && expectedAmountMinor !== order.amountMinor) return 'amount';
  return undefined;
}

function areWanted(
  want: Asked['want'],
  { tickets, holdToken, together }: Order,
  categoryIds: readonly string[],
): boolean {
  switch (want.by) {
    case 'hold':
      return holdToken === want.holdToken;
    case 'seats': {
      const seats = tickets.map(({ seat }) => seat ?? -1).sort((one, other) => one - other);
      return seats.join() === [...want.seats].sort((one, other) => one - other).join();
    }
    case 'category':
      if (want.allowSplit === false && together === 'apart') return false;
      return (
        tickets.length === want.count &&
        tickets.every(({ category }) => categoryIds[category] === want.category)
      );
  }
}
