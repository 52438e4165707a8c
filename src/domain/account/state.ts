/** Whom a buyer may make tickets out to, folded from the account's events. */
import { unreachable } from '../shared/event.ts';
import type { IdDocumentHash, TicketUserId } from '../shared/ids.ts';
import type { IdType, PersonKeyId } from '../shared/personal-data.ts';
import type { AccountEvent } from './events.ts';

export type TicketUser = {
  readonly ticketUser: TicketUserId;
  readonly idType: IdType;
  readonly idDocument: IdDocumentHash;
  readonly personKey: PersonKeyId;
  /** Removed and erased ones stay known, so that a repeated command meets them. */
  readonly status: 'present' | 'removed' | 'erased';
};

export type AccountState = { readonly ticketUsers: readonly TicketUser[] };

export const initial = (): AccountState => ({ ticketUsers: [] });

export function evolve(state: AccountState, event: AccountEvent): AccountState {
  switch (event.type) {
    case 'TicketUserAdded': {
      const { ticketUser, idType, idDocument, personKey } = event.data;
      const added = { ticketUser, idType, idDocument, personKey, status: 'present' } as const;
      return { ticketUsers: [...state.ticketUsers, added] };
    }
    case 'TicketUserRemoved':
      return withStatus(state, event.data.ticketUser, 'removed');
    case 'PersonErased':
      return withStatus(state, event.data.ticketUser, 'erased');
    default:
      return unreachable(event);
  }
}

function withStatus(state: AccountState, id: TicketUserId, status: TicketUser['status']): AccountState {
  return {
    ticketUsers: state.ticketUsers.map((known) => (known.ticketUser === id ? { ...known, status } : known)),
  };
}

/** The ticket user if it belongs to this account now: whom an order may name. */
export function presentTicketUser(state: AccountState, id: TicketUserId): TicketUser | undefined {
  return state.ticketUsers.find((known) => known.ticketUser === id && known.status === 'present');
}
