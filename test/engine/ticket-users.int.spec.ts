/** Whom buyers may order for: known without asking the log, and never against it. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { StreamLog } from '../../src/commands/ports.ts';
import { type AccountEvent, accountStream } from '../../src/domain/account/index.ts';
import {
  type TicketUserId,
  ticketUserIdSchema,
  type UserId,
  userIdSchema,
} from '../../src/domain/shared/ids.ts';
import { createTicketUsers } from '../../src/engine/ticket-users.ts';
import { accountCodec } from '../../src/event-catalogue.ts';
import type { EventStore } from '../../src/eventstore/index.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { idDocument, personKey, sealed } from '../domain/account/fixtures.ts';
import { openForTest } from '../eventstore/support.ts';
import { useEventstore } from '../support/eventstore.ts';
import { because } from '../support/selling.ts';
import { until } from '../support/until.ts';

const server = useEventstore();

let store: EventStore;
let log: StreamLog<AccountEvent>;
let reads = 0;
let nowMs = 0;

beforeEach(() => {
  store = openForTest(server.url);
  const plain = createStreamLog(store, accountCodec);
  log = plain;
  reads = 0;
  nowMs = 1_000_000;
});

function follow() {
  const counting: Pick<StreamLog<AccountEvent>, 'read'> = {
    read: (stream, from) => {
      reads += 1;
      return log.read(stream, from);
    },
  };
  const ticketUsers = createTicketUsers({ log: counting, store, nowMs: () => nowMs });
  onTestFinished(() => ticketUsers.stop());
  return ticketUsers;
}

function account() {
  const user: UserId = userIdSchema.parse(randomUUID());
  const stream = accountStream(user);
  let next = 0n;
  const append = async (event: AccountEvent): Promise<void> => {
    const encoded = log.encode(stream, [event], because('test'), randomUUID());
    await log.append(stream, next === 0n ? 'no_stream' : next - 1n, encoded);
    next += 1n;
  };
  return {
    user,
    add: async (): Promise<TicketUserId> => {
      const ticketUser = ticketUserIdSchema.parse(randomUUID());
      const person = { idType: 1, name: sealed, idNumber: sealed } as const;
      const data = {
        user,
        ticketUser,
        ...person,
        personKey: personKey(1),
        idDocument: idDocument(1),
        addedAtMs: 0,
      };
      await append({ type: 'TicketUserAdded', data });
      return ticketUser;
    },
    remove: (ticketUser: TicketUserId) =>
      append({ type: 'TicketUserRemoved', data: { user, ticketUser, removedAtMs: 0 } }),
  };
}

/** It knows the people of an account that is begun now without a read: it follows. */
async function followed(ticketUsers: ReturnType<typeof follow>): Promise<void> {
  await until('it follows the accounts', async () => {
    const ann = account();
    const ticketUser = await ann.add();
    await ticketUsers.of({ buyer: ann.user, ticketUsers: [ticketUser] });
    const before = reads;
    await ticketUsers.of({ buyer: ann.user, ticketUsers: [ticketUser] });
    return reads === before;
  });
  reads = 0;
}

const knows = async (
  ticketUsers: ReturnType<typeof follow>,
  buyer: UserId,
  wanted: readonly TicketUserId[],
): Promise<boolean> => (await ticketUsers.of({ buyer, ticketUsers: wanted })) !== undefined;

describe('the people a buyer may order for', () => {
  it('are read once, and then known however long nothing changes', async () => {
    const ann = account();
    const ticketUser = await ann.add();
    const ticketUsers = follow();
    await followed(ticketUsers);
    expect(await knows(ticketUsers, ann.user, [ticketUser])).toBe(true);
    nowMs += 3_600_000;
    expect(await knows(ticketUsers, ann.user, [ticketUser])).toBe(true);
    expect(reads).toBe(1);
  });

  it('are known without a read where the account was begun meanwhile, or its people were listed', async () => {
    const ben = account();
    const bens = await ben.add();
    const ticketUsers = follow();
    await followed(ticketUsers);
    for await (const _ of ticketUsers.log.read(accountStream(ben.user), 0n));
    const ann = account();
    const anns = await ann.add();
    await until('the account was heard of', async () => {
      reads = 0;
      return (await knows(ticketUsers, ann.user, [anns])) && reads === 0;
    });
    expect(await knows(ticketUsers, ben.user, [bens])).toBe(true);
    expect(reads).toBe(0);
  });

  it('are not those whom somebody else has removed, and are those whom somebody else has added', async () => {
    const ann = account();
    const [first, second] = [await ann.add(), await ann.add()];
    const ticketUsers = follow();
    await followed(ticketUsers);
    expect(await knows(ticketUsers, ann.user, [first, second])).toBe(true);
    await ann.remove(first);
    await until('the removal was heard of', async () => !(await knows(ticketUsers, ann.user, [first])));
    const third = await ann.add();
    expect(await knows(ticketUsers, ann.user, [second, third])).toBe(true);
    expect(await knows(ticketUsers, ann.user, [first])).toBe(false);
  });

  it('are no other buyer’s', async () => {
    const [ann, ben] = [account(), account()];
    const [anns, bens] = [await ann.add(), await ben.add()];
    const ticketUsers = follow();
    await followed(ticketUsers);
    expect(await knows(ticketUsers, ann.user, [anns, bens])).toBe(false);
    expect(await knows(ticketUsers, ben.user, [bens])).toBe(true);
  });

  it('are read again once nobody has followed the accounts for half a minute', async () => {
    const ann = account();
    const ticketUser = await ann.add();
    const ticketUsers = follow();
    await followed(ticketUsers);
    expect(await knows(ticketUsers, ann.user, [ticketUser])).toBe(true);
    await ticketUsers.stop();
    nowMs += 29_000;
    expect(await knows(ticketUsers, ann.user, [ticketUser])).toBe(true);
    expect(reads).toBe(1);
    await ann.remove(ticketUser);
    nowMs += 2_000;
    expect(await knows(ticketUsers, ann.user, [ticketUser])).toBe(false);
  });

  it('are read where they have just been forgotten here', async () => {
    const ann = account();
    const ticketUser = await ann.add();
    const ticketUsers = follow();
    await followed(ticketUsers);
    await knows(ticketUsers, ann.user, [ticketUser]);
    await ann.remove(ticketUser);
    ticketUsers.forget(ann.user);
    expect(await knows(ticketUsers, ann.user, [ticketUser])).toBe(false);
  });

  it('are true after reads and changes in any order', async () => {
    const ticketUsers = follow();
    await followed(ticketUsers);
    const ann = account();
    let present: TicketUserId[] = [];
    for (let round = 0; round < 40; round += 1) {
      const [oldest] = present;
      const asked = knows(ticketUsers, ann.user, present);
      if (round % 3 === 2 && oldest !== undefined) {
        await ann.remove(oldest);
        present = present.slice(1);
      } else present = [...present, await ann.add()];
      await asked;
    }
    expect(await knows(ticketUsers, ann.user, present)).toBe(true);
    const [removed] = present;
    if (removed === undefined) throw new Error('Nobody is left.');
    await ann.remove(removed);
    await until('the removal was heard of', async () => !(await knows(ticketUsers, ann.user, [removed])));
    expect(await knows(ticketUsers, ann.user, present.slice(1))).toBe(true);
  });
});
