/** Seats that a buyer picks on the seat map and keeps for a while before ordering. */
import { z } from 'zod';
import type { HoldSeatsAnswer, HoldSeatsRequest } from '../commands/hold-seats.ts';
import type { CommandContext } from '../commands/ports.ts';
import type { ReleaseHoldAnswer, ReleaseHoldRequest } from '../commands/release-hold.ts';
import {
  type Layout,
  MAX_TICKETS_PER_ORDER,
  type Place,
  type SeatNames,
  togethernessSchema,
  type WantedPlaces,
} from '../domain/sale/index.ts';
import { categoryIdSchema, holdTokenSchema, type ProgramId, programIdSchema } from '../domain/shared/ids.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import {
  digestOfKey,
  idempotencyKeyHeader,
  readIdempotencyKey,
  wrongIdempotencyKey,
} from './idempotency-key.ts';
import { MAX_SEAT_NUMBER, programParams } from './inputs.ts';
import { refusal } from './refusals.ts';

export type HoldsDeps = {
  readonly holdSeats: (request: HoldSeatsRequest, context: CommandContext) => Promise<HoldSeatsAnswer>;
  readonly releaseHold: (request: ReleaseHoldRequest, context: CommandContext) => Promise<ReleaseHoldAnswer>;
  /** Undefined before the sale has started. */
  readonly hallOf: (programId: ProgramId) => Promise<
    | {
        readonly terms: { readonly layout: Layout };
        readonly names: Pick<SeatNames, 'nameOf'>;
      }
    | undefined
  >;
};

const EITHER_OR = 'either seats, or categoryId and count with accessible and allowSplit';

/** One object and no union: what is wrong with a field is then said of that field. */
const wantSchema = z
  .strictObject({
    seats: z.array(z.int().min(0).max(MAX_SEAT_NUMBER)).min(1).max(MAX_TICKETS_PER_ORDER).optional(),
    categoryId: categoryIdSchema.optional(),
    count: z.int().min(1).max(MAX_TICKETS_PER_ORDER).optional(),
    accessible: z.boolean().optional(),
    allowSplit: z.boolean().optional(),
  })
  .transform((typed, context): WantedPlaces => {
    const { seats, categoryId, count, accessible, allowSplit } = typed;
    if (seats !== undefined && Object.keys(typed).length === 1) return { by: 'seats', seats };
    if (seats === undefined && categoryId !== undefined && count !== undefined) {
      const how = { accessible: accessible === true, allowSplit: allowSplit !== false };
      return { by: 'category', category: categoryId, count, ...how };
    }
    context.addIssue({ code: 'custom', message: EITHER_OR });
    return z.NEVER;
  });

const seatAnswer = z.object({
  number: z.int(),
  section: z.string(),
  row: z.string(),
  seat: z.string(),
});

const holdAnswer = z.object({
  holdToken: z.string(),
  seats: z.array(seatAnswer.nullable()).describe('null in general admission'),
  categoryIds: z.array(z.string()).describe('of each of them'),
  together: togethernessSchema,
  expiresAtMs: z.int(),
});

const holdParams = z.strictObject({ programId: programIdSchema, holdToken: holdTokenSchema });

export const holdsEndpoints = (deps: HoldsDeps): readonly Endpoint[] => [
  endpoint({
    method: 'POST',
    path: '/programs/:programId/holds',
    access: 'buyer',
    summary: 'Keeps seats for the caller: these, or the best of a category. An order may then name the hold.',
    headers: idempotencyKeyHeader,
    params: programParams,
    body: wantSchema,
    answers: { 201: holdAnswer },
    handle: async (call) => {
      const { programId } = call.params;
      const key = readIdempotencyKey(call.header);
      if (key === undefined) return wrongIdempotencyKey;
      const buyer = call.identity.userId;
      const holdToken = holdTokenSchema.parse(digestOfKey(buyer, key, 'hold'));
      const answer = await deps.holdSeats({ programId, buyer, holdToken, want: call.body }, contextOf(call));
      if (answer.kind === 'refused') {
        const { code, left } = answer;
        return refusal(code, left === undefined ? {} : { members: { left } });
      }
      const hall = await deps.hallOf(programId);
      if (hall === undefined)
        throw new Error(`The sale of program ${programId} holds seats and has no hall.`);
      const { together, expiresAtMs } = answer;
      const shown = { holdToken, ...named(answer.places, hall), together, expiresAtMs };
      return json(201, shown, { location: `/programs/${programId}/holds/${holdToken}` });
    },
  }),
  endpoint({
    method: 'DELETE',
    path: '/programs/:programId/holds/:holdToken',
    access: 'buyer',
    summary: 'Gives the seats of a hold back.',
    params: holdParams,
    answers: { 204: 'They are free again, also if they were before.' },
    handle: async (call) => {
      const { programId, holdToken } = call.params;
      const request = { programId, holdToken, buyer: call.identity.userId };
      const answer = await deps.releaseHold(request, contextOf(call));
      return answer.kind === 'refused' ? refusal(answer.code) : { kind: 'empty', status: 204 };
    },
  }),
];

type Hall = NonNullable<Awaited<ReturnType<HoldsDeps['hallOf']>>>;

const named = (places: readonly Place[], { terms, names }: Hall) => ({
  seats: places
    .map(([, number]) => {
      const name = number === null ? undefined : names.nameOf(number);
      return name && { number: name.number, section: name.section, row: name.row, seat: name.seat };
    })
    .map((seat) => seat ?? null),
  categoryIds: places.map(([category]) => terms.layout[category]?.id),
});
