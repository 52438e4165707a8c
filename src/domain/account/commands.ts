/** What can be asked of an account, and what it can answer. Personal data is sealed before it comes here. */
import type { IdDocumentHash, TicketUserId, UserId } from '../shared/ids.ts';
import type { Ciphertext, IdType, PersonKeyId } from '../shared/personal-data.ts';
import type { AccountRefusalCode } from './refusals.ts';

type Common<Type> = {
  readonly type: Type;
  readonly user: UserId;
  readonly ticketUser: TicketUserId;
  readonly nowMs: number;
};

export type AddTicketUser = Common<'AddTicketUser'> & {
  readonly idType: IdType;
  readonly name: Ciphertext;
  readonly idNumber: Ciphertext;
  readonly personKey: PersonKeyId;
  readonly idDocument: IdDocumentHash;
};
export type RemoveTicketUser = Common<'RemoveTicketUser'>;
/**
 * Whoever handles the event destroys the key; the log comes first, so that a crash in between is made good.
 */
export type ErasePerson = Common<'ErasePerson'>;

export type AccountCommand = AddTicketUser | RemoveTicketUser | ErasePerson;

export type AccountOutcome =
  | { readonly kind: 'added' | 'removed' | 'erased' }
  | {
      readonly kind: 'refused';
      readonly code: AccountRefusalCode;
      /** With `id_document_already_added`: the ticket user of this account who has the document. */
      readonly ticketUser?: TicketUserId;
    };
