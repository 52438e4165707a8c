/** Opens the data of people for an audit: masked unless asked for with the right, and never of those who were erased. */
import type { ShownPerson, ShowPeople } from '../audit/people.ts';
import { type AccountEvent, accountStream } from '../domain/account/index.ts';
import type { TicketUserId, UserId } from '../domain/shared/ids.ts';
import type { PersonKeyId } from '../domain/shared/personal-data.ts';
import type { StreamLog } from '../eventstore/stream-log.ts';
import { isPostgresUnavailable } from '../postgres/unavailable.ts';
import {
  type MasterKeys,
  maskIdNumber,
  maskName,
  openPerson,
  type PersonKeys,
  type Sealed,
} from '../privacy/index.ts';

export type AuditPeopleDeps = {
  readonly accountLog: Pick<StreamLog<AccountEvent>, 'read'>;
  /** Undefined: everybody stays sealed. */
  readonly keys: { readonly masterKeys: MasterKeys; readonly personKeys: PersonKeys } | undefined;
};

type Known = { readonly sealed: Sealed; readonly personKey: PersonKeyId } | 'erased';

const nobody = (shown: ShownPerson['shown']): ShownPerson => ({ shown, name: null, idNumber: null });

/** The function rejects with what the log rejects with. */
export const createShowPeople =
  (deps: AuditPeopleDeps): ShowPeople =>
  async (buyer, ticketUsers, unmasked) => {
    const known = await peopleOf(deps, buyer);
    const shown = ticketUsers.map(async (id) => [id, await show(deps, known.get(id), unmasked)] as const);
    return new Map(await Promise.all(shown));
  };

const show = async (
  { keys }: AuditPeopleDeps,
  known: Known | undefined,
  unmasked: boolean,
): Promise<ShownPerson> => {
  if (known === undefined) return nobody('unknown');
  if (known === 'erased') return nobody('erased');
  if (keys === undefined) return nobody('sealed');
  const person = await openPerson(keys, known.personKey, known.sealed).catch((error: unknown) => {
    if (!isPostgresUnavailable(error)) throw error;
    return { kind: 'unreadable' } as const;
  });
  if (person.kind === 'erased') return nobody('erased');
  if (person.kind === 'unreadable') return nobody('sealed');
  const { name, idNumber } = person.clear;
  return unmasked
    ? { shown: 'clear', name, idNumber }
    : { shown: 'masked', name: maskName(name), idNumber: maskIdNumber(idNumber) };
};

/** Those who were removed too: their tickets keep their names. */
const peopleOf = async (
  { accountLog }: AuditPeopleDeps,
  buyer: UserId,
): Promise<ReadonlyMap<TicketUserId, Known>> => {
  const people = new Map<TicketUserId, Known>();
  for await (const page of accountLog.read(accountStream(buyer), 0n)) {
    for (const { event } of page) {
      if (event.type === 'PersonErased') people.set(event.data.ticketUser, 'erased');
      if (event.type !== 'TicketUserAdded') continue;
      const { ticketUser, personKey, name, idNumber } = event.data;
      people.set(ticketUser, { sealed: { name, idNumber }, personKey });
    }
  }
  return people;
};
