/**
 * What happened, from the log, for operators. Every question is recorded before it is answered, with who asked; where
 * it cannot be recorded there is no answer.
 */
import { z } from 'zod';
import { buyerAuditSchema, orderAuditSchema, programAuditSchema, seatAuditSchema } from '../audit/answers.ts';
import type { Audits } from '../audit/audits.ts';
import { type Moment, parseMoment } from '../audit/moment.ts';
import type { OrderAnswer } from '../audit/order.ts';
import type { ProgramAnswer } from '../audit/program.ts';
import type { CommandContext } from '../commands/ports.ts';
import { type AuditRead, auditReasonSchema, MAX_MOMENT_CHARACTERS } from '../domain/audit-trail/index.ts';
import { orderNumberSchema, programIdSchema, type UserId, userIdSchema } from '../domain/shared/ids.ts';
import { textSchema } from '../domain/shared/text.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, type Identity, json, type Reply } from './endpoint.ts';
import { programParams } from './inputs.ts';
import { createPlaces, type Places } from './limits.ts';
import { type Refusal, refusal } from './refusals.ts';

/** May see names and id numbers in clear, beside `operator`. */
export const PERSONAL_DATA_SCOPE = 'personal-data';

/** Some read much of the log: more at a time would take it from those who sell. */
const MAX_AT_A_TIME = 4;
const MAX_SEAT_CHARACTERS = 120;

/** Each rejects with what the stores reject with. */
export type AuditDeps = {
  readonly audit: Audits & {
    /** To be awaited before anything is answered. */
    readonly record: (
      operator: UserId,
      read: Omit<AuditRead, 'readAtMs'>,
      context: CommandContext,
    ) => Promise<void>;
  };
  readonly nowMs: () => number;
};

const at = textSchema(MAX_MOMENT_CHARACTERS)
  .min(1)
  .describe('A time (ISO 8601; without a zone the server’s), milliseconds since 1970, or position:P.')
  .optional();
const reason = auditReasonSchema.describe('Kept in the log with the question.').optional();
const asked = { at, reason };

export const auditEndpoints = (deps: AuditDeps): readonly Endpoint[] => {
  const ask = createAsking(deps, createPlaces(MAX_AT_A_TIME));
  return [
    orderEndpoint(deps, ask),
    seatEndpoint(deps, ask),
    buyerEndpoint(deps, ask),
    programEndpoint(deps, ask),
  ];
};

const orderEndpoint = ({ audit }: AuditDeps, ask: Ask): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/audit/orders/:orderNumber',
    access: 'operator',
    summary: 'What happened to an order: each event with the state behind it, its money and its places.',
    params: z.strictObject({ orderNumber: orderNumberSchema }),
    query: z.strictObject({
      ...asked,
      unmasked: z
        .enum(['true', 'false'])
        .default('false')
        .describe(`Names and id numbers in clear: needs the scope ${PERSONAL_DATA_SCOPE} and a reason.`),
      program: programIdSchema.describe('Quicker where SQL is away.').optional(),
    }),
    answers: { 200: orderAuditSchema },
    handle: ({ params: { orderNumber }, query: { unmasked, program, ...query }, ...call }) => {
      const isUnmasked = unmasked === 'true';
      if (isUnmasked && !call.identity.scopes.has(PERSONAL_DATA_SCOPE)) {
        return refusal('forbidden', { detail: `Unmasked data needs the scope ${PERSONAL_DATA_SCOPE}.` });
      }
      if (isUnmasked && query.reason === undefined) return refusal('reason_needed');
      const read = { question: 'order', subject: orderNumber, unmasked: isUnmasked } as const;
      return ask(call, query, read, async (moment) => {
        const question = { orderNumber, at: moment, programId: program, unmasked: isUnmasked };
        const answer = await audit.order(question, call);
        return answer.kind === 'order' ? json(200, answer.audit, UNSTORED) : refused(answer);
      });
    },
  });

const seatEndpoint = ({ audit }: AuditDeps, ask: Ask): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/audit/programs/:programId/seats/:seat',
    access: 'operator',
    summary: 'Who had a seat, from when to when, and why it was free again.',
    params: programParams.extend({
      seat: textSchema(MAX_SEAT_CHARACTERS)
        .min(1)
        .describe('B-12, section/B/12, category/B/12, or its number.'),
    }),
    query: z.strictObject(asked),
    answers: { 200: seatAuditSchema },
    handle: ({ params: { programId, seat }, query, ...call }) => {
      const read = { question: 'seat', subject: `${programId}/${seat}`, unmasked: false } as const;
      return ask(call, query, read, async (moment) => {
        const answer = await audit.seat({ programId, seat, at: moment }, call);
        if (answer.kind === 'seat') return json(200, answer.audit, UNSTORED);
        if (answer.code !== 'seat_ambiguous') return refusal(answer.code);
        return refusal(answer.code, { members: { seats: answer.seats, more: answer.more } });
      });
    },
  });

const buyerEndpoint = ({ audit }: AuditDeps, ask: Ask): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/audit/buyers/:userId',
    access: 'operator',
    summary: 'Every order of a buyer, each with its program, status, money and places.',
    params: z.strictObject({ userId: userIdSchema }),
    query: z.strictObject({
      ...asked,
      before: orderNumberSchema.describe('Only orders that are older than this one.').optional(),
    }),
    answers: { 200: buyerAuditSchema },
    handle: ({ params: { userId: buyer }, query: { before, ...query }, ...call }) => {
      const read = { question: 'buyer', subject: buyer, unmasked: false } as const;
      return ask(call, query, read, async (moment) =>
        json(200, await audit.buyer({ buyer, at: moment, before }, call), UNSTORED),
      );
    },
  });

const programEndpoint = ({ audit }: AuditDeps, ask: Ask): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/audit/programs/:programId',
    access: 'operator',
    summary: 'Stock, holds, orders and money of a program as they stood at a moment.',
    params: programParams,
    query: z.strictObject(asked),
    answers: { 200: programAuditSchema },
    handle: ({ params: { programId }, query, ...call }) => {
      const read = { question: 'program', subject: programId, unmasked: false } as const;
      return ask(call, query, read, async (moment) => {
        const answer = await audit.program({ programId, at: moment }, call);
        return answer.kind === 'program' ? json(200, answer.audit, UNSTORED) : refused(answer);
      });
    },
  });

/** Nobody between may keep what was looked up under somebody's name. */
const UNSTORED = { 'cache-control': 'no-store' };

const refused = ({ code, detail }: Extract<OrderAnswer | ProgramAnswer, { kind: 'refused' }>): Refusal =>
  refusal(code, detail === undefined ? {} : { detail });

type Asked = { readonly at?: string | undefined; readonly reason?: string | undefined };
type Caller = { readonly signal: AbortSignal; readonly identity: Identity; readonly correlationId: string };
type Ask = (
  caller: Caller,
  query: Asked,
  read: Pick<AuditRead, 'question' | 'subject' | 'unmasked'>,
  answer: (moment: Moment | undefined) => Promise<Reply>,
) => Promise<Reply>;

/** First the question is understood, then it is recorded, then it is answered. */
const createAsking =
  ({ audit, nowMs }: AuditDeps, places: Places): Ask =>
  async (caller, query, read, answer) => {
    const parsed = query.at === undefined ? undefined : parseMoment(query.at, nowMs());
    if (parsed?.kind === 'refused') return refusal('moment_invalid', { detail: parsed.problem });
    if (!places.take()) return refusal('overloaded', { headers: { 'retry-after': '1' } });
    try {
      const { at: moment, reason: why } = query;
      const recorded = {
        ...read,
        ...(moment && { at: moment }),
        ...(why && { reason: why }),
        via: 'http',
      } as const;
      await audit.record(caller.identity.userId, recorded, contextOf(caller));
      return await answer(parsed?.moment);
    } finally {
      places.giveBack();
    }
  };
