/**
 * The people whom a buyer makes tickets out to. Whatever comes in is typed in clear; whatever goes out is
 * masked.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { AddTicketUserAnswer, AddTicketUserRequest } from '../commands/add-ticket-user.ts';
import type { SealedTicketUser } from '../commands/list-ticket-users.ts';
import type { CommandContext } from '../commands/ports.ts';
import type { RemoveTicketUserAnswer, RemoveTicketUserRequest } from '../commands/remove-ticket-user.ts';
import { ticketUserIdSchema, type UserId } from '../domain/shared/ids.ts';
import { type IdType, idTypeSchema, personKeyIdSchema } from '../domain/shared/personal-data.ts';
import { textSchema } from '../domain/shared/text.ts';
import type { IdNumberRefusalCode, NameRefusalCode, People } from '../privacy/index.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { refusal } from './refusals.ts';

/** More than any name or number has; what is too long for its kind is said by who knows the kind. */
const MAX_TYPED_CHARACTERS = 200;

type PersonRefusalCode = NameRefusalCode | IdNumberRefusalCode;

export type TicketUsersDeps = {
  readonly addTicketUser: (
    request: AddTicketUserRequest,
    context: CommandContext,
  ) => Promise<AddTicketUserAnswer<PersonRefusalCode>>;
  readonly removeTicketUser: (
    request: RemoveTicketUserRequest,
    context: CommandContext,
  ) => Promise<RemoveTicketUserAnswer>;
  /** As the buyer's account has them by now. */
  readonly ticketUsersOf: (user: UserId) => Promise<readonly SealedTicketUser[]>;
  readonly people: Pick<People, 'mask' | 'openMasked'>;
};

const typedSchema = z.strictObject({
  name: textSchema(MAX_TYPED_CHARACTERS),
  idType: idTypeSchema,
  idNumber: textSchema(MAX_TYPED_CHARACTERS),
});

const ticketUserAnswer = z.object({
  ticketUserId: z.string(),
  name: z.string().describe('masked'),
  idType: idTypeSchema,
  idNumber: z.string().describe('masked'),
});

type Shown = {
  readonly ticketUserId: string;
  readonly name: string;
  readonly idType: IdType;
  readonly idNumber: string;
};

export const ticketUserEndpoints = (deps: TicketUsersDeps): readonly Endpoint[] => [
  endpoint({
    method: 'POST',
    path: '/ticket-users',
    access: 'buyer',
    summary: 'Adds somebody whom the caller makes tickets out to.',
    body: typedSchema,
    answers: { 201: ticketUserAnswer },
    handle: async (call) => {
      const request = {
        user: call.identity.userId,
        ticketUser: ticketUserIdSchema.parse(randomUUID()),
        personKey: personKeyIdSchema.parse(randomUUID()),
        typed: call.body,
      };
      const answer = await deps.addTicketUser(request, contextOf(call));
      if (answer.kind === 'refused') {
        const { code, ticketUser } = answer;
        return refusal(code, ticketUser === undefined ? {} : { members: { ticketUserId: ticketUser } });
      }
      const { person, ticketUser } = answer;
      const { name, idNumber } = deps.people.mask(person);
      const shown: Shown = { ticketUserId: ticketUser, name, idType: person.idType, idNumber };
      return json(201, shown, { location: `/ticket-users/${ticketUser}` });
    },
  }),
  endpoint({
    method: 'GET',
    path: '/ticket-users',
    access: 'buyer',
    summary: 'The people whom the caller makes tickets out to.',
    answers: { 200: z.object({ ticketUsers: z.array(ticketUserAnswer) }) },
    handle: async ({ identity }) => {
      const sealed = await deps.ticketUsersOf(identity.userId);
      const ticketUsers = await Promise.all(sealed.map((each) => shownOf(deps, each)));
      return json(200, { ticketUsers });
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/ticket-users/:ticketUserId',
    access: 'buyer',
    summary: 'Takes somebody off that list; tickets there are stay as they are.',
    params: z.strictObject({ ticketUserId: ticketUserIdSchema }),
    answers: { 204: 'They are not on it.' },
    handle: async (call) => {
      const request = { user: call.identity.userId, ticketUser: call.params.ticketUserId };
      const answer = await deps.removeTicketUser(request, contextOf(call));
      return answer.kind === 'refused' ? refusal(answer.code) : { kind: 'empty', status: 204 };
    },
  }),
];

const shownOf = async ({ people }: TicketUsersDeps, sealed: SealedTicketUser): Promise<Shown> => {
  const { name, idNumber } = await people.openMasked(sealed.personKey, sealed);
  return { ticketUserId: sealed.ticketUser, name, idType: sealed.idType, idNumber };
};
