/**
 * Brings people into many accounts at once, for an operator who moves here with what buyers gave elsewhere. A new
 * account is one append; keys of persons are stored together. Repeating an import finds the people it added before.
 */

import type { AddTicketUser } from '../domain/account/commands.ts';
import { type AccountEvent, accountDecider, accountStream } from '../domain/account/index.ts';
import type { IdDocumentHash, TicketUserId, UserId } from '../domain/shared/ids.ts';
import type { Ciphertext, PersonKeyId } from '../domain/shared/personal-data.ts';
import type { AccountStream, AddTicketUserAnswer, People, TypedPerson } from './add-ticket-user.ts';
import type { CommandContext, StreamLog } from './ports.ts';

/** As in `AddTicketUserRequest`: the ids are made by the caller, at random. */
export type ImportedPerson = {
  readonly ticketUser: TicketUserId;
  readonly personKey: PersonKeyId;
  readonly typed: TypedPerson;
};
export type ImportedBuyer = { readonly user: UserId; readonly people: readonly ImportedPerson[] };

type Sealed = { readonly name: Ciphertext; readonly idNumber: Ciphertext };

export type ImportTicketUsersDeps<Code extends string> = {
  readonly account: (user: UserId) => Pick<AccountStream, 'submit'>;
  readonly log: Pick<StreamLog<AccountEvent>, 'encode' | 'append'>;
  readonly people: Pick<People<Code>, 'parse'> & {
    /** For persons who have no key yet; in their order. Rejects with what the table of keys rejects with. */
    readonly sealNew: (
      persons: readonly { readonly key: PersonKeyId; readonly person: TypedPerson }[],
    ) => Promise<readonly Sealed[]>;
  };
  readonly nowMs: () => number;
};

type Refusal<Code extends string> = Extract<AddTicketUserAnswer<Code>, { readonly kind: 'refused' }>;

export type ImportAnswer<Code extends string> =
  | {
      readonly kind: 'imported';
      /** For each buyer, in the order asked: those who are on the list now. */
      readonly buyers: readonly {
        readonly user: UserId;
        readonly ticketUsers: readonly (TicketUserId | Refusal<Code>)[];
      }[];
    }
  /** Somebody's data is wrong: nobody was brought in. */
  | { readonly kind: 'refused'; readonly code: Code; readonly user: UserId; readonly place: number };

/** Rejects as `submit` does, and with what sealing rejects with; some may then be in, and repeating finds them. */
export const importTicketUsers = async <Code extends string>(
  deps: ImportTicketUsersDeps<Code>,
  buyers: readonly ImportedBuyer[],
  context: CommandContext,
): Promise<ImportAnswer<Code>> => {
  const nowMs = deps.nowMs();
  const parsed = parseAll(deps, buyers, nowMs);
  if (parsed.kind === 'refused') return parsed;
  const sealed = await deps.people.sealNew(
    parsed.people.map(({ personKey, person }) => ({ key: personKey, person })),
  );
  const commands = new Map<UserId, AddTicketUser[]>();
  for (const [index, { user, ticketUser, personKey, person, idDocument }] of parsed.people.entries()) {
    const { idType } = person;
    const common = { type: 'AddTicketUser', user, ticketUser, personKey, idType, idDocument, nowMs } as const;
    const own = commands.get(user) ?? [];
    own.push({ ...common, ...(sealed[index] as Sealed) });
    commands.set(user, own);
  }
  return {
    kind: 'imported',
    buyers: await Promise.all(
      [...commands].map(async ([user, adding]) => ({
        user,
        ticketUsers: await addAll(deps, user, adding, context),
      })),
    ),
  };
};

type ParsedPerson = Omit<ImportedPerson, 'typed'> & {
  readonly user: UserId;
  readonly person: TypedPerson;
  readonly idDocument: IdDocumentHash;
};

const parseAll = <Code extends string>(
  { people }: Pick<ImportTicketUsersDeps<Code>, 'people'>,
  buyers: readonly ImportedBuyer[],
  nowMs: number,
):
  | { readonly kind: 'parsed'; readonly people: readonly ParsedPerson[] }
  | Extract<ImportAnswer<Code>, { readonly kind: 'refused' }> => {
  const all: ParsedPerson[] = [];
  for (const buyer of buyers) {
    for (const [place, { typed, ...ids }] of buyer.people.entries()) {
      const answer = people.parse(typed, nowMs);
      if (answer.kind === 'refused') return { ...answer, user: buyer.user, place };
      const { person, idDocument } = answer;
      all.push({ ...ids, user: buyer.user, person, idDocument });
    }
  }
  return { kind: 'parsed', people: all };
};

/** Most accounts are new: decided without a look at the log, which says so if they are not. */
const addAll = async <Code extends string>(
  deps: Pick<ImportTicketUsersDeps<Code>, 'account' | 'log'>,
  user: UserId,
  commands: readonly AddTicketUser[],
  context: CommandContext,
): Promise<readonly (TicketUserId | Refusal<Code>)[]> => {
  let state = accountDecider.initial();
  const events: AccountEvent[] = [];
  const outcomes = commands.map((command) => {
    const decided = accountDecider.decide(command, state);
    state = decided.events.reduce(accountDecider.evolve, state);
    events.push(...decided.events);
    return decided.outcome;
  });
  const stream = accountStream(user);
  const idSeed = `import/${commands[0]?.personKey ?? ''}`;
  const encoded = deps.log.encode(stream, events, context, idSeed);
  const appended = encoded.length > 0 ? await deps.log.append(stream, 'no_stream', encoded) : undefined;
  const final =
    appended?.kind === 'appended'
      ? outcomes
      : await Promise.all(commands.map((command) => deps.account(user).submit(command, context)));
  return final.map((outcome, index) => {
    const added = commands[index]?.ticketUser;
    if (outcome.kind !== 'refused' && added !== undefined) return added;
    if (outcome.kind !== 'refused') throw new Error('There is an outcome for each command.');
    const isThere = outcome.code === 'id_document_already_added' && outcome.ticketUser !== undefined;
    return isThere ? outcome.ticketUser : { kind: 'refused', code: outcome.code };
  });
};
