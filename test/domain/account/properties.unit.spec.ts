import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AccountCommand,
  accountDecider,
  accountEventSpecs,
  MAX_TICKET_USERS,
} from '../../../src/domain/account/index.ts';
import { play } from '../../support/play.ts';
import { addition, nowMs, ticketUser, user } from './fixtures.ts';

const person = fc.integer({ min: 1, max: 40 });
const rest = person.map((n) => ({ user, ticketUser: ticketUser(n), nowMs }));
const anyCommand: fc.Arbitrary<AccountCommand> = fc.oneof(
  { weight: 5, arbitrary: person.map((n) => addition(n)) },
  { weight: 2, arbitrary: fc.tuple(person, person).map(([n, document]) => addition(n, document)) },
  { weight: 1, arbitrary: rest.map((common) => ({ type: 'RemoveTicketUser' as const, ...common })) },
  { weight: 1, arbitrary: rest.map((common) => ({ type: 'ErasePerson' as const, ...common })) },
);

describe('any commands in any order', () => {
  test('leave a bounded number of ticket users, each document once, and erased ones erased', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { maxLength: 120, size: 'max' }), (commands) => {
        const { history, state } = play(accountDecider, accountEventSpecs, commands);
        const present = state.ticketUsers.filter(({ status }) => status === 'present');
        expect(present.length).toBeLessThanOrEqual(MAX_TICKET_USERS);
        expect(new Set(present.map(({ idDocument }) => idDocument)).size).toBe(present.length);
        expect(new Set(state.ticketUsers.map((known) => known.ticketUser)).size).toBe(
          state.ticketUsers.length,
        );
        for (const event of history) {
          if (event.type !== 'PersonErased') continue;
          const { ticketUser: id } = event.data;
          expect(state.ticketUsers.find((known) => known.ticketUser === id)?.status).toBe('erased');
        }
      }),
    );
  });
});
