/**
 * The documents of the people a buyer may order for, as small as can be: in a rush every buyer is looked up once,
 * and warm streams for all of them would take more memory than the sale.
 */
import { LRUCache } from 'lru-cache';
import type { OrderRequest } from '../commands/place-order.ts';
import type { StreamLog } from '../commands/ports.ts';
import { type AccountEvent, accountDecider, accountStream } from '../domain/account/index.ts';
import type { PlaceOrder } from '../domain/sale/index.ts';
import type { IdDocumentHash, TicketUserId, UserId } from '../domain/shared/ids.ts';

const MAX_BUYERS = 100_000;
/** A ticket user that another node has removed can be ordered for this long at most. */
const FRESH_FOR_MS = 30_000;

type Documents = ReadonlyMap<TicketUserId, IdDocumentHash>;
type TicketUsers = PlaceOrder['ticketUsers'];

export type TicketUsersOf = {
  /** Undefined where one of them is not the buyer's. Rejects with what the log rejects with. */
  readonly of: (request: Pick<OrderRequest, 'buyer' | 'ticketUsers'>) => Promise<TicketUsers | undefined>;
  /** The buyer's people have changed here. */
  readonly forget: (buyer: UserId) => void;
};

export const createTicketUsers = (log: Pick<StreamLog<AccountEvent>, 'read'>): TicketUsersOf => {
  const known = new LRUCache<UserId, Documents>({ max: MAX_BUYERS, ttl: FRESH_FOR_MS });
  const read = async (buyer: UserId): Promise<Documents> => {
    let state = accountDecider.initial();
    for await (const page of log.read(accountStream(buyer), 0n)) {
      for (const { event } of page) state = accountDecider.evolve(state, event);
    }
    const present = state.ticketUsers.filter(({ status }) => status === 'present');
    const documents = new Map(present.map(({ ticketUser, idDocument }) => [ticketUser, idDocument]));
    known.set(buyer, documents);
    return documents;
  };
  return {
    of: async ({ buyer, ticketUsers }) => {
      const cached = known.get(buyer);
      return (cached && find(cached, ticketUsers)) ?? find(await read(buyer), ticketUsers);
    },
    forget: (buyer) => {
      known.delete(buyer);
    },
  };
};

const find = (documents: Documents, wanted: readonly TicketUserId[]): TicketUsers | undefined => {
  const found: { ticketUser: TicketUserId; idDocument: IdDocumentHash }[] = [];
  for (const ticketUser of wanted) {
    const idDocument = documents.get(ticketUser);
    if (idDocument === undefined) return undefined;
    found.push({ ticketUser, idDocument });
  }
  return found;
};
