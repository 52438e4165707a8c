/**
 * Adds somebody whom a buyer makes tickets out to. The clear text ends here: what goes on into the command,
 * and from there into the log, is sealed with a key of that person's own.
 */
import {
  type AccountCommand,
  type AccountOutcome,
  type AccountRefusalCode,
  type AccountState,
  type AddTicketUser,
  accountDecider,
} from '../domain/account/index.ts';
import type { IdDocumentHash, TicketUserId, UserId } from '../domain/shared/ids.ts';
import {
  type Ciphertext,
  ciphertextSchema,
  type IdType,
  type PersonKeyId,
} from '../domain/shared/personal-data.ts';
import type { CommandContext } from './ports.ts';
import type { WarmStream } from './warm-stream.ts';

export type AccountStream = WarmStream<AccountCommand, AccountState, AccountOutcome>;

/** As people type it. */
export type TypedPerson = { readonly name: string; readonly idType: IdType; readonly idNumber: string };

/** What is done with personal data outside of the domain; `Code` says what is wrong with what was typed. */
export type People<Code extends string> = {
  /** Tidied, and the document made comparable. */
  readonly parse: (
    typed: TypedPerson,
    nowMs: number,
  ) =>
    | { readonly kind: 'valid'; readonly person: TypedPerson; readonly idDocument: IdDocumentHash }
    | { readonly kind: 'refused'; readonly code: Code };
  /** Makes the person's key. Rejects with what the table of keys rejects with. */
  readonly seal: (
    key: PersonKeyId,
    person: TypedPerson,
  ) => Promise<{ readonly name: Ciphertext; readonly idNumber: Ciphertext }>;
};

export type AddTicketUserDeps<Code extends string> = {
  readonly account: (user: UserId) => Pick<AccountStream, 'submit' | 'ask'>;
  readonly people: People<Code>;
  readonly nowMs: () => number;
};

export type AddTicketUserRequest = {
  readonly user: UserId;
  /** Both made by the caller, at random. */
  readonly ticketUser: TicketUserId;
  readonly personKey: PersonKeyId;
  readonly typed: TypedPerson;
};

export type AddTicketUserAnswer<Code extends string> =
  /** In the form it is kept in; to be masked before it is shown. */
  | { readonly kind: 'added'; readonly ticketUser: TicketUserId; readonly person: TypedPerson }
  | {
      readonly kind: 'refused';
      readonly code: AccountRefusalCode | Code;
      /** With `id_document_already_added`: who has the document. */
      readonly ticketUser?: TicketUserId | undefined;
    };

/** Stands for what is not sealed yet: no decision looks into a ciphertext. */
const NOT_SEALED_YET = ciphertextSchema.parse(`pd1.${'0'.repeat(40)}`);

/** Rejects as `submit` does, and with what sealing rejects with. */
export const addTicketUser = async <Code extends string>(
  deps: AddTicketUserDeps<Code>,
  { user, ticketUser, personKey, typed }: AddTicketUserRequest,
  context: CommandContext,
): Promise<AddTicketUserAnswer<Code>> => {
  const nowMs = deps.nowMs();
  const parsed = deps.people.parse(typed, nowMs);
  if (parsed.kind === 'refused') return parsed;
  const { person, idDocument } = parsed;
  const { idType } = person;
  const common = { type: 'AddTicketUser', user, ticketUser, personKey, idType, idDocument, nowMs } as const;
  const unsealed: AddTicketUser = { ...common, name: NOT_SEALED_YET, idNumber: NOT_SEALED_YET };
  const account = deps.account(user);
  // Asked before a key is made, which would be kept for nobody.
  const foreseen = await account.ask((state) => accountDecider.decide(unsealed, state).outcome);
  if (foreseen.kind === 'refused') return foreseen;
  const sealed = await deps.people.seal(personKey, person);
  const outcome = await account.submit({ ...common, ...sealed }, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'added', ticketUser, person };
};
