/**
 * What may be done to an account: a few ticket users, each document once, and anyone forgotten on request.
 */
import type { Decision } from '../shared/decider.ts';
import { unreachable } from '../shared/event.ts';
import type {
  AccountCommand,
  AccountOutcome,
  AddTicketUser,
  ErasePerson,
  RemoveTicketUser,
} from './commands.ts';
import type { AccountEvent } from './events.ts';
import { MAX_TICKET_USERS, MAX_TICKET_USERS_EVER } from './limits.ts';
import type { AccountRefusalCode } from './refusals.ts';
import type { AccountState, TicketUser } from './state.ts';

type AccountDecision = Decision<AccountEvent, AccountOutcome>;

export function decide(command: AccountCommand, state: AccountState): AccountDecision {
  const known = state.ticketUsers.find((ticketUser) => ticketUser.ticketUser === command.ticketUser);
  switch (command.type) {
    case 'AddTicketUser':
      return known === undefined ? add(command, state) : addAgain(command, known);
    case 'RemoveTicketUser':
      return remove(command, known);
    case 'ErasePerson':
      return erase(command, known);
    default:
      return unreachable(command);
  }
}

function add(command: AddTicketUser, state: AccountState): AccountDecision {
  const present = state.ticketUsers.filter(({ status }) => status === 'present');
  const same = present.find(({ idDocument }) => idDocument === command.idDocument);
  if (same !== undefined) {
    const { ticketUser } = same;
    return nothing({ kind: 'refused', code: 'id_document_already_added', ticketUser });
  }
  if (present.length >= MAX_TICKET_USERS) return refuse('too_many_ticket_users');
  if (state.ticketUsers.length >= MAX_TICKET_USERS_EVER) return refuse('too_many_ticket_users_ever');
  const { type: _, nowMs, ...added } = command;
  const data = { ...added, addedAtMs: nowMs };
  return { outcome: { kind: 'added' }, events: [{ type: 'TicketUserAdded', data }] };
}

/** Sealing the same name twice gives two ciphertexts, so a repetition is known by its document. */
function addAgain(command: AddTicketUser, known: TicketUser): AccountDecision {
  const same = known.idType === command.idType && known.idDocument === command.idDocument;
  if (!same) return refuse('ticket_user_id_taken');
  return known.status === 'present' ? nothing({ kind: 'added' }) : refuse('ticket_user_removed');
}

function remove({ user, ticketUser, nowMs }: RemoveTicketUser, known?: TicketUser): AccountDecision {
  if (known === undefined) return refuse('ticket_user_not_found');
  if (known.status !== 'present') return nothing({ kind: 'removed' });
  const data = { user, ticketUser, removedAtMs: nowMs };
  return { outcome: { kind: 'removed' }, events: [{ type: 'TicketUserRemoved', data }] };
}

function erase({ user, ticketUser, nowMs }: ErasePerson, known?: TicketUser): AccountDecision {
  if (known === undefined) return refuse('ticket_user_not_found');
  if (known.status === 'erased') return nothing({ kind: 'erased' });
  const data = { user, ticketUser, personKey: known.personKey, erasedAtMs: nowMs };
  return { outcome: { kind: 'erased' }, events: [{ type: 'PersonErased', data }] };
}

const nothing = (outcome: AccountOutcome): AccountDecision => ({ outcome, events: [] });
const refuse = (code: AccountRefusalCode): AccountDecision => nothing({ kind: 'refused', code });
