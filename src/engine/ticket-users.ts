/**
 * The documents of the people a buyer may order for, as small as can be: in a rush every buyer is looked up once,
 * and warm streams for all of them would take more memory than the sale. Kept true by the accounts' own events.
 */
import { LRUCache } from 'lru-cache';
import type { OrderRequest } from '../commands/place-order.ts';
import type { Recorded, StreamLog } from '../commands/ports.ts';
import { ACCOUNT_CATEGORY, type AccountEvent, accountStream, userOfStream } from '../domain/account/index.ts';
import type { PlaceOrder } from '../domain/sale/index.ts';
import { unreachable } from '../domain/shared/event.ts';
import type { IdDocumentHash, TicketUserId, UserId } from '../domain/shared/ids.ts';
import { accountCodec } from '../event-catalogue.ts';
import { CorruptEventError, type EventStore, type StoredEvent } from '../eventstore/index.ts';

const MAX_BUYERS = 100_000;
/** What is remembered counts for this long while nobody can say what has changed. */
const FRESH_FOR_MS = 30_000;

type AccountLog = Pick<StreamLog<AccountEvent>, 'read'>;
type Person = { readonly ticketUser: TicketUserId; readonly idDocument: IdDocumentHash };
type Account = { readonly people: readonly Person[]; readonly next: bigint };

const NOBODY: Account = { people: [], next: 0n };

export type TicketUsersOf = {
  /** Undefined where one of them is not the buyer's. Rejects with what the log rejects with. */
  readonly of: (
    request: Pick<OrderRequest, 'buyer' | 'ticketUsers'>,
  ) => Promise<PlaceOrder['ticketUsers'] | undefined>;
  /** The accounts' log; whose account is read through it from its beginning is known afterwards. */
  readonly log: AccountLog;
  /** The buyer's people have changed here. */
  readonly forget: (buyer: UserId) => void;
  readonly stop: () => Promise<void>;
};

export type TicketUsersDeps = {
  readonly log: AccountLog;
  readonly store: Pick<EventStore, 'subscribeToAll'>;
  readonly nowMs: () => number;
};

/** Follows the accounts from now on: one that is begun is known without being read. */
export const createTicketUsers = ({ log, store, nowMs }: TicketUsersDeps): TicketUsersOf => {
  const known = new LRUCache<UserId, Account>({ max: MAX_BUYERS });
  const readers = createReaders();
  const take = (stored: StoredEvent): void => {
    const user = userOfStream(stored.stream);
    if (user === undefined) return;
    readers.saw(user, stored.revision);
    const account = known.peek(user) ?? (stored.revision === 0n ? NOBODY : undefined);
    if (account === undefined || stored.revision < account.next) return;
    const event = stored.revision === account.next ? eventOf(stored) : undefined;
    // Whoever cannot follow it reads the account, and is told then what is wrong with it.
    if (event === undefined) known.delete(user);
    else known.set(user, after(account, event));
  };
  const changes = store.subscribeToAll({
    name: 'ticket users',
    filter: { streamPrefixes: [`${ACCOUNT_CATEGORY}-`] },
    from: 'end',
    onBatch: async ({ events }) => events.forEach(take),
  });
  let followedAtMs = Number.NEGATIVE_INFINITY;
  const isCurrent = (): boolean => {
    const { status } = changes.state();
    if (status === 'live' || status === 'catching-up') followedAtMs = nowMs();
    return nowMs() - followedAtMs < FRESH_FOR_MS;
  };

  async function* read(
    stream: string,
    from: bigint,
  ): AsyncGenerator<readonly Recorded<AccountEvent>[], void> {
    const user = from === 0n && isCurrent() ? userOfStream(stream) : undefined;
    if (user === undefined) return yield* log.read(stream, from);
    const reader = readers.begin(user);
    try {
      let account = NOBODY;
      for await (const page of log.read(stream, from)) {
        for (const { event } of page) account = after(account, event);
        yield page;
      }
      // What came meanwhile may be missing in it.
      if (reader.seen < account.next) known.set(user, account);
    } finally {
      readers.end(user);
    }
  }

  return {
    of: async ({ buyer, ticketUsers }) => {
      const account = isCurrent() ? known.get(buyer) : undefined;
      const found = account && find(account, ticketUsers);
      return found ?? find(await folded(read(accountStream(buyer), 0n)), ticketUsers);
    },
    log: { read },
    forget: (buyer) => {
      known.delete(buyer);
    },
    stop: changes.stop,
  };
};

/** Undefined for what this release does not know, and for what is not what its type says. */
const eventOf = (stored: StoredEvent): AccountEvent | undefined => {
  try {
    const decoded = accountCodec.decode(stored);
    return decoded.kind === 'event' ? decoded.event : undefined;
  } catch (error) {
    if (!(error instanceof CorruptEventError)) throw error;
    return undefined;
  }
};

const folded = async (pages: AsyncIterable<readonly Recorded<AccountEvent>[]>): Promise<Account> => {
  let account = NOBODY;
  for await (const page of pages) for (const { event } of page) account = after(account, event);
  return account;
};

const after = ({ people, next }: Account, event: AccountEvent): Account => {
  const { ticketUser } = event.data;
  switch (event.type) {
    case 'TicketUserAdded': {
      const added = { ticketUser, idDocument: event.data.idDocument };
      return { people: [...people, added], next: next + 1n };
    }
    case 'TicketUserRemoved':
    case 'PersonErased':
      return { people: people.filter((person) => person.ticketUser !== ticketUser), next: next + 1n };
    default:
      return unreachable(event);
  }
};

const find = ({ people }: Account, wanted: readonly TicketUserId[]): readonly Person[] | undefined => {
  const found: Person[] = [];
  for (const ticketUser of wanted) {
    const person = people.find((each) => each.ticketUser === ticketUser);
    if (person === undefined) return undefined;
    found.push(person);
  }
  return found;
};

/** The last revision that was seen of an account while it was being read. */
type Reader = { readers: number; seen: bigint };

const createReaders = () => {
  const reading = new Map<UserId, Reader>();
  return {
    begin: (user: UserId): Readonly<Reader> => {
      const reader = reading.get(user) ?? { readers: 0, seen: -1n };
      reader.readers += 1;
      reading.set(user, reader);
      return reader;
    },
    saw: (user: UserId, revision: bigint): void => {
      const reader = reading.get(user);
      if (reader !== undefined) reader.seen = revision;
    },
    end: (user: UserId): void => {
      const reader = reading.get(user);
      if (reader === undefined) return;
      reader.readers -= 1;
      if (reader.readers === 0) reading.delete(user);
    },
  };
};
