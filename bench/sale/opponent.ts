/** The two that the engine is held against, asked to sell as it is asked. */
import type { TokenFor } from '../../src/rush/tokens.ts';
import { eachOnce, isCreated, runLoad } from '../http/load.ts';
import { requestBytes } from '../http/request.ts';
import type { Forked } from '../support/forked.ts';
import { CATEGORY, type IsExpected, isOk, isSoldOut, orderBytes, type Seller, visitBytes } from './seller.ts';
import type { NewSale } from './starts.ts';

export const opponent = (
  name: 'plain' | 'floor',
  { port, cpuMs }: Forked,
  tokenFor: TokenFor,
  connections: number,
): Seller => {
  const send = (requests: readonly Buffer[], isExpected: IsExpected): Promise<number> =>
    runLoad({ port, connections, isExpected, take: eachOnce(requests) });
  return {
    ...{ name, port, connections, cpuMs, isAccepted: isCreated, isSoldOut },
    open: async (seats, number) => {
      const programId = `bench-${name}-${number}`;
      const sale: NewSale = { programId, categoryId: CATEGORY, seats };
      const token = tokenFor('operator');
      await send([requestBytes({ method: 'POST', path: '/programs', token, body: sale })], isCreated);
      const tokens = Array.from({ length: 2 * seats }, (_, buyer) => tokenFor(`buyer-${number}-${buyer}`));
      if (name === 'plain') await send(tokens.map(visitBytes), isOk);
      const orders = tokens.map((own, buyer) =>
        orderBytes({ path: '/orders', programId, token: own, ticketUserIds: [`person-${number}-${buyer}`] }),
      );
      return { first: orders.slice(0, seats), late: orders.slice(seats), settle: async () => 0 };
    },
  };
};
