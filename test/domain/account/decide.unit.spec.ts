import { describe, expect, test } from 'vitest';
import {
  type AccountEvent,
  type AccountOutcome,
  accountDecider,
  accountEventSpecs,
  accountStream,
  MAX_TICKET_USERS,
  MAX_TICKET_USERS_EVER,
  presentTicketUser,
  userOfStream,
} from '../../../src/domain/account/index.ts';
import { ciphertextSchema } from '../../../src/domain/shared/personal-data.ts';
import { specificationOf, stateAfter } from '../../support/given.ts';
import { added, addition, erased, idDocument, nowMs, removed, ticketUser, user } from './fixtures.ts';

const given = specificationOf(accountDecider);
const refused = (code: Extract<AccountOutcome, { kind: 'refused' }>['code']): AccountOutcome => ({
  kind: 'refused',
  code,
});
const remove = (n: number) => ({ type: 'RemoveTicketUser', user, ticketUser: ticketUser(n), nowMs }) as const;
const erase = (n: number) => ({ type: 'ErasePerson', user, ticketUser: ticketUser(n), nowMs }) as const;
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('adding a ticket user', () => {
  test('is done once', () => {
    given()
      .when(addition(1))
      .then({ kind: 'added' }, [added(1)]);
    given(added(1)).when(addition(1)).then({ kind: 'added' });
  });

  test('is known again although sealing has made other ciphertexts', () => {
    const name = ciphertextSchema.parse(`pd1.${'B'.repeat(80)}`);
    given(added(1))
      .when({ ...addition(1), name })
      .then({ kind: 'added' });
  });

  test('under the id of somebody else is refused', () => {
    given(added(1)).when(addition(1, 2)).then(refused('ticket_user_id_taken'));
    given(added(1))
      .when({ ...addition(1), idType: 5 })
      .then(refused('ticket_user_id_taken'));
  });

  test('with the document of another one is refused, and says whose it is', () => {
    given(added(1))
      .when(addition(2, 1))
      .then({ kind: 'refused', code: 'id_document_already_added', ticketUser: ticketUser(1) });
  });

  test('with the document of a removed or erased one is done', () => {
    given(added(1), removed(1))
      .when(addition(2, 1))
      .then({ kind: 'added' }, [added(2, 1)]);
    given(added(1), erased(1))
      .when(addition(2, 1))
      .then({ kind: 'added' }, [added(2, 1)]);
  });

  test('that was removed since is not undone by a repetition', () => {
    given(added(1), removed(1)).when(addition(1)).then(refused('ticket_user_removed'));
  });

  test('stops when the account is full, and goes on when there is room', () => {
    const full = range(MAX_TICKET_USERS).map((n) => added(n));
    given(...full)
      .when(addition(99))
      .then(refused('too_many_ticket_users'));
    given(...full, removed(3))
      .when(addition(99))
      .then({ kind: 'added' }, [added(99)]);
  });

  test('and removing stops in the end', () => {
    const changes = range(MAX_TICKET_USERS_EVER).flatMap((n) => [added(n), removed(n)]);
    given(...changes)
      .when(addition(9_999))
      .then(refused('too_many_ticket_users_ever'));
  });
});

describe('removing a ticket user', () => {
  test('is done once', () => {
    given(added(1))
      .when(remove(1))
      .then({ kind: 'removed' }, [removed(1)]);
    given(added(1), removed(1)).when(remove(1)).then({ kind: 'removed' });
    given(added(1), erased(1)).when(remove(1)).then({ kind: 'removed' });
  });

  test('who is not of this account is refused', () => {
    given(added(1)).when(remove(2)).then(refused('ticket_user_not_found'));
  });

  test('leaves an order nobody to name', () => {
    const foundAfter = (...history: readonly AccountEvent[]) =>
      presentTicketUser(stateAfter(accountDecider, history), ticketUser(1));
    expect(foundAfter(added(1))).toMatchObject({ idDocument: idDocument(1) });
    expect(foundAfter(added(1), removed(1))).toBeUndefined();
    expect(foundAfter(added(1), erased(1))).toBeUndefined();
    expect(foundAfter()).toBeUndefined();
  });
});

describe('erasing a person', () => {
  test('is done once, before or after the removal, and names the key', () => {
    given(added(1))
      .when(erase(1))
      .then({ kind: 'erased' }, [erased(1)]);
    given(added(1), removed(1))
      .when(erase(1))
      .then({ kind: 'erased' }, [erased(1)]);
    given(added(1), erased(1)).when(erase(1)).then({ kind: 'erased' });
  });

  test('who is not of this account is refused', () => {
    given(added(1)).when(erase(2)).then(refused('ticket_user_not_found'));
  });
});

describe('an event of an account', () => {
  test.each(['王小明', '110101199003070038', 'pd1.short', 'Alice'])('takes no clear text: %s', (name) => {
    const spec = accountEventSpecs[0];
    expect(spec.schema.safeParse(added(1).data).success).toBe(true);
    expect(spec.schema.safeParse({ ...added(1).data, name }).success).toBe(false);
  });
});

describe('the stream of an account', () => {
  test('is named after its user, and says so', () => {
    expect(accountStream(user)).toBe('Account-buyer-1');
    expect(userOfStream('Account-buyer-1')).toBe(user);
    expect(userOfStream('Sale-buyer-1')).toBeUndefined();
  });
});
