/**
 * The people of a buyer's account as they were sealed. Read from the account itself: they are few, and a
 * buyer who has just added somebody wants to see them.
 */
import { type AccountEvent, accountStream } from '../domain/account/index.ts';
import type { UserId } from '../domain/shared/ids.ts';
import type { StreamLog } from './ports.ts';

export type SealedTicketUser = Omit<
  Extract<AccountEvent, { readonly type: 'TicketUserAdded' }>['data'],
  'user' | 'idDocument'
>;

/** In the order they were added, without those who were removed. Rejects with what the log rejects with. */
export const listTicketUsers = async (
  log: Pick<StreamLog<AccountEvent>, 'read'>,
  user: UserId,
): Promise<readonly SealedTicketUser[]> => {
  const present = new Map<string, SealedTicketUser>();
  for await (const page of log.read(accountStream(user), 0n)) {
    for (const { event } of page) {
      const { ticketUser } = event.data;
      if (event.type !== 'TicketUserAdded') present.delete(ticketUser);
      else {
        const { user: _, idDocument: __, ...sealed } = event.data;
        present.set(ticketUser, sealed);
      }
    }
  }
  return [...present.values()];
};
