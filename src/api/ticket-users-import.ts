/** Bringing in, as an operator, whom many buyers make tickets out to: what a move from another system needs. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ImportAnswer, ImportedBuyer } from '../commands/import-ticket-users.ts';
import type { CommandContext } from '../commands/ports.ts';
import { ticketUserIdSchema, userIdSchema } from '../domain/shared/ids.ts';
import { idTypeSchema, personKeyIdSchema } from '../domain/shared/personal-data.ts';
import type { IdNumberRefusalCode, NameRefusalCode } from '../privacy/index.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { refusal } from './refusals.ts';

const MAX_BUYERS = 500;
const MAX_PEOPLE_PER_BUYER = 20;
const MAX_TYPED_CHARACTERS = 200;
const MIB = 1_024 * 1_024;

export type ImportDeps = {
  readonly importTicketUsers: (
    buyers: readonly ImportedBuyer[],
    context: CommandContext,
  ) => Promise<ImportAnswer<NameRefusalCode | IdNumberRefusalCode>>;
};

const typed = z.string().max(MAX_TYPED_CHARACTERS);
const bodySchema = z.strictObject({
  buyers: z
    .array(
      z.strictObject({
        userId: userIdSchema,
        ticketUsers: z
          .array(z.strictObject({ name: typed, idType: idTypeSchema, idNumber: typed }))
          .min(1)
          .max(MAX_PEOPLE_PER_BUYER),
      }),
    )
    .max(MAX_BUYERS)
    .refine((buyers) => new Set(buyers.map(({ userId }) => userId)).size === buyers.length, {
      message: 'a buyer is named once',
    }),
});

const answerSchema = z.object({
  buyers: z.array(
    z.object({
      userId: z.string(),
      ticketUserIds: z.array(z.string().nullable()).describe('null: refused, see `refusals`'),
      refusals: z.array(z.object({ place: z.int(), code: z.string() })).optional(),
    }),
  ),
});

export const importEndpoint = ({ importTicketUsers }: ImportDeps): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/ticket-users/import',
    access: 'operator',
    summary: 'Adds ticket users to up to 500 accounts. Repeating it finds those who are there.',
    body: bodySchema,
    bodyLimitBytes: 2 * MIB,
    answers: { 200: answerSchema },
    handle: async (call) => {
      const buyers = call.body.buyers.map(({ userId, ticketUsers }) => ({
        user: userId,
        people: ticketUsers.map((each) => ({
          ticketUser: ticketUserIdSchema.parse(randomUUID()),
          personKey: personKeyIdSchema.parse(randomUUID()),
          typed: each,
        })),
      }));
      const answer = await importTicketUsers(buyers, contextOf(call));
      if (answer.kind === 'refused') {
        const { code, user, place } = answer;
        return refusal(code, { members: { userId: user, place } });
      }
      return json(200, { buyers: answer.buyers.map(shown) });
    },
  });

type Imported = Extract<ImportAnswer<string>, { readonly kind: 'imported' }>['buyers'][number];

const shown = ({ user, ticketUsers }: Imported) => {
  const refusals = ticketUsers.flatMap((each, place) =>
    typeof each === 'string' ? [] : [{ place, code: each.code }],
  );
  return {
    userId: user,
    ticketUserIds: ticketUsers.map((each) => (typeof each === 'string' ? each : null)),
    ...(refusals.length > 0 && { refusals }),
  };
};
