/**
 * The people of a buyer's account as they were sealed. Read from the account itself: they are few, and a
 * buyer who has just added somebody wants to see them.
 */
import { type AccountEvent, accountStream } from '../domain/account/index.ts';
import { unreachable } from '../domain/shared/event.ts';
import type { TicketUserId, UserId } from '../domain/shared/ids.ts';
import type { StreamLog } from './ports.ts';

export type SealedTicketUser = Omit<
  Extract<AccountEvent, { readonly type: 'TicketUserAdded' }>['data'],
  'user' | 'idDocument'
>;

type AccountLog = Pick<StreamLog<AccountEvent>, 'read'>;

/** In the order they were added, without those who were removed. Rejects with what the log rejects with. */
export const listTicketUsers = async (
  log: AccountLog,
  user: UserId,
): Promise<readonly SealedTicketUser[]> => {
  const known = await peopleOf(log, user);
  return known.filter(({ isPresent }) => isPresent).map(({ sealed }) => sealed);
};

/** As `listTicketUsers`, and those who were removed, whose tickets keep their names; not who was erased. */
export const listTicketUsersEver = async (
  log: AccountLog,
  user: UserId,
): Promise<readonly SealedTicketUser[]> => (await peopleOf(log, user)).map(({ sealed }) => sealed);

type Known = { readonly sealed: SealedTicketUser; readonly isPresent: boolean };

const peopleOf = async (log: AccountLog, user: UserId): Promise<readonly Known[]> => {
  const people = new Map<TicketUserId, Known>();
  for await (const page of log.read(accountStream(user), 0n)) {
    for (const { event } of page) take(people, event);
  }
  return [...people.values()];
};

const take = (people: Map<TicketUserId, Known>, event: AccountEvent): void => {
  const { ticketUser } = event.data;
  switch (event.type) {
    case 'TicketUserAdded': {
      const { user: _, idDocument: __, ...sealed } = event.data;
      people.set(ticketUser, { sealed, isPresent: true });
      return;
    }
    case 'TicketUserRemoved': {
      const known = people.get(ticketUser);
      if (known !== undefined) people.set(ticketUser, { ...known, isPresent: false });
      return;
    }
    case 'PersonErased':
      people.delete(ticketUser);
      return;
    default:
      unreachable(event);
  }
};
