/**
 * Ticket users on a real log and a real table of keys: sealed before anything is stored, masked when shown.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTicketUser, type TypedPerson } from '../../src/commands/add-ticket-user.ts';
import { listTicketUsers, listTicketUsersEver } from '../../src/commands/list-ticket-users.ts';
import { removeTicketUser } from '../../src/commands/remove-ticket-user.ts';
import { demoPerson } from '../../src/demo/people.ts';
import { MAX_TICKET_USERS } from '../../src/domain/account/index.ts';
import { ticketUserIdSchema, type UserId, userIdSchema } from '../../src/domain/shared/ids.ts';
import { personKeyIdSchema } from '../../src/domain/shared/personal-data.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { createPersonKeys } from '../../src/postgres/person-keys.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createPeople, type People } from '../../src/privacy/index.ts';
import { because, useSellingNodes } from '../support/selling.ts';
import { useDatabaseUrl } from '../support/stores.ts';

const nodes = useSellingNodes();
const database = useDatabaseUrl();
let postgres: Postgres;
let people: People;

beforeAll(async () => {
  postgres = openPostgres({ url: database.postgresUrl, max: 5, onError: () => undefined });
  await migrate(postgres.db);
  people = createPeople({
    masterKeys: { current: { id: '1', bytes: new Uint8Array(32).fill(1) }, former: [] },
    personKeys: createPersonKeys(postgres.db),
    idHashKey: { bytes: new Uint8Array(32).fill(2) },
  });
});
afterAll(() => postgres?.close());

const newUser = (): UserId => userIdSchema.parse(randomUUID());
const add = (user: UserId, typed: TypedPerson) => {
  const ticketUser = ticketUserIdSchema.parse(randomUUID());
  const personKey = personKeyIdSchema.parse(randomUUID());
  const deps = { account: nodes.node.accounts.of, people, nowMs: Date.now };
  return addTicketUser(deps, { user, ticketUser, personKey, typed }, because('add'));
};
const shown = async (user: UserId) => {
  const sealed = await listTicketUsers(nodes.node.accountLog, user);
  return Promise.all(sealed.map((each) => people.openMasked(each.personKey, each)));
};
const keys = async () => {
  const row = postgres.db.selectFrom('person_key').select(({ fn }) => fn.countAll<string>().as('count'));
  return Number((await row.executeTakeFirstOrThrow()).count);
};

/** Every byte that the event store keeps on disk. */
async function storedBytes(): Promise<Buffer> {
  const folder = nodes.devstore.dataDir;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Buffer.concat(
    await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name)))),
  );
}

describe('a ticket user', () => {
  it('is kept sealed, and shown masked', async () => {
    const user = newUser();
    const typed = {
      name: ' 欧阳  锋锋 ',
      idType: 1,
      idNumber: demoPerson(1, 1).idNumber.toLowerCase(),
    } as const;
    const added = await add(user, typed);
    expect(added).toMatchObject({ kind: 'added', person: { name: '欧阳 锋锋' } });
    const idNumber = typed.idNumber.toUpperCase();
    const mask = `${idNumber.slice(0, 4)}${'*'.repeat(10)}${idNumber.slice(-4)}`;
    expect(await shown(user)).toEqual([{ name: '欧*', idNumber: mask }]);

    const bytes = await storedBytes();
    // The search finds what is there in clear: the account's id.
    expect(bytes.includes(user)).toBe(true);
    const secrets = ['欧阳', '锋锋', idNumber, typed.idNumber, idNumber.slice(6, 14)];
    for (const secret of secrets) {
      expect(bytes.includes(secret)).toBe(false);
      expect(bytes.includes(Buffer.from(secret).toString('base64').slice(0, -4))).toBe(false);
    }
  });

  it('has a document that no other of the account has', async () => {
    const user = newUser();
    const person = demoPerson(2, 1);
    const first = await add(user, person);
    const before = await keys();
    expect(await add(user, { ...person, name: 'Somebody Else' })).toEqual({
      kind: 'refused',
      code: 'id_document_already_added',
      ticketUser: 'ticketUser' in first ? first.ticketUser : undefined,
    });
    expect(await keys()).toBe(before);
    expect((await add(newUser(), person)).kind).toBe('added');
  });

  it.each([
    ['name_malformed', { name: '<b>', idType: 1, idNumber: demoPerson(3, 1).idNumber }],
    ['name_empty', { name: '  ', idType: 1, idNumber: demoPerson(3, 1).idNumber }],
    ['id_number_check_digit', { name: '王芳', idType: 1, idNumber: '11010519491231002X'.replace('X', '1') }],
    ['id_number_malformed', { name: '王芳', idType: 5, idNumber: 'no' }],
  ] as const)('is refused with %s before anything is stored', async (code, typed) => {
    const [user, before] = [newUser(), await keys()];
    expect(await add(user, typed)).toEqual({ kind: 'refused', code });
    expect(await shown(user)).toEqual([]);
    expect(await keys()).toBe(before);
  });

  it('is one of twenty at most, and makes room when it is removed', async () => {
    const user = newUser();
    for (let nth = 0; nth < MAX_TICKET_USERS; nth++) {
      expect((await add(user, demoPerson(4, nth))).kind).toBe('added');
    }
    const before = await keys();
    const oneMore = demoPerson(4, MAX_TICKET_USERS);
    expect(await add(user, oneMore)).toEqual({ kind: 'refused', code: 'too_many_ticket_users' });
    expect(await keys()).toBe(before);
    const [first] = await listTicketUsers(nodes.node.accountLog, user);
    if (first === undefined) throw new Error('There are twenty.');
    const remove = (by: UserId) =>
      removeTicketUser(
        { account: nodes.node.accounts.of, nowMs: Date.now },
        { user: by, ticketUser: first.ticketUser },
        because('remove'),
      );
    expect(await remove(newUser())).toEqual({ kind: 'refused', code: 'ticket_user_not_found' });
    expect(await remove(user)).toEqual({ kind: 'removed' });
    expect(await remove(user)).toEqual({ kind: 'removed' });
    expect((await add(user, oneMore)).kind).toBe('added');
    expect(await shown(user)).toHaveLength(MAX_TICKET_USERS);
  });

  it('is known for its tickets after it was removed, and no more once the person was erased', async () => {
    const user = newUser();
    await add(user, demoPerson(5, 1));
    await add(user, demoPerson(5, 2));
    const [first, second] = await listTicketUsers(nodes.node.accountLog, user);
    if (first === undefined || second === undefined) throw new Error('There are two.');
    const account = nodes.node.accounts.of(user);
    const { ticketUser } = first;
    await account.submit(
      { type: 'RemoveTicketUser', user, ticketUser, nowMs: Date.now() },
      because('remove'),
    );
    expect(await listTicketUsers(nodes.node.accountLog, user)).toEqual([second]);
    expect(await listTicketUsersEver(nodes.node.accountLog, user)).toEqual([first, second]);
    await account.submit({ type: 'ErasePerson', user, ticketUser, nowMs: Date.now() }, because('erase'));
    expect(await listTicketUsersEver(nodes.node.accountLog, user)).toEqual([second]);
  });
});
