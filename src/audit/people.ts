/** The people that tickets are made out to, as an audit may show them. What opens their data is outside. */
import type { TicketUserId, UserId } from '../domain/shared/ids.ts';
import type { PersonAnswer } from './answers.ts';

export type ShownPerson = Omit<PersonAnswer, 'ticketUser'>;

/** `unmasked` only for those who may. Whoever cannot be opened for want of keys is `sealed`. */
export type ShowPeople = (
  buyer: UserId,
  ticketUsers: readonly TicketUserId[],
  unmasked: boolean,
) => Promise<ReadonlyMap<TicketUserId, ShownPerson>>;

export const unknownPerson: ShownPerson = { shown: 'unknown', name: null, idNumber: null };
