/**
 * Audits that read and compute much: the proof that every invariant is kept, and a sale under other settings. They are
 * not run here but handed on, one at a time, so that the process goes on selling seats.
 */
import { z } from 'zod';
import { reportSchema } from '../auditor/report.ts';
import type { AuditRead } from '../domain/audit-trail/index.ts';
import { auditReasonSchema } from '../domain/audit-trail/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import { parseWhatIfMembers, policyNames, type WhatIf } from '../what-if/settings.ts';
import type { AuditDeps } from './audit.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, type Identity, type Reply } from './endpoint.ts';
import { programParams } from './inputs.ts';
import { createPlaces } from './limits.ts';
import { refusal } from './refusals.ts';

/** Each takes most of a core and much memory. */
const MAX_AT_A_TIME = 1;
const RETRY_AFTER_SECONDS = '5';
const MAX_SETTING_CHARACTERS = 40;
const ALL_PROGRAMS = '*';

export type AuditTask =
  /** Without a program: of all of them. */
  | { readonly kind: 'verify'; readonly programId?: ProgramId }
  | { readonly kind: 'replay'; readonly programId: ProgramId; readonly whatIf: WhatIf };

export type AuditTaskAnswer =
  /** JSON in UTF-8, as the command line prints it. */
  | { readonly kind: 'answer'; readonly json: Uint8Array }
  | {
      readonly kind: 'refused';
      readonly code: 'program_not_found' | 'sale_not_open' | 'audit_too_large' | 'log_unreadable';
      readonly detail?: string;
    };

export type AuditRunDeps = {
  readonly record: AuditDeps['audit']['record'];
  /** Resolves or rejects when nothing of it is at work any more; rejects with the reason of the signal. */
  readonly run: (task: AuditTask, asking: { readonly signal: AbortSignal }) => Promise<AuditTaskAnswer>;
};

const query = z.strictObject({
  reason: auditReasonSchema.describe('Kept in the log with the question.').optional(),
});

const time = 'A time with its unit: 500ms, 90s, 2m, 1h.';
const given = z.union([z.string().max(MAX_SETTING_CHARACTERS), z.number()]);
const whatIfBody = z.strictObject({
  whatIf: z
    .object({
      holdTtl: given.describe(time).optional(),
      paymentTtl: given.describe(time).optional(),
      limit: given.describe('Tickets of a buyer.').optional(),
      perOrder: given.describe('Tickets of an order.').optional(),
      seatPolicy: given.describe(`One of ${policyNames.join(', ')}.`).optional(),
    })
    // Unknown ones are refused by name, as on the command line.
    .catchall(given)
    .describe('What is not given is as it was.')
    .default({}),
});

/** The members that programs will want first; README and ADR 19 have the rest. */
const comparisonSchema = z.looseObject({
  programId: z.string(),
  currency: z.string(),
  isFaithful: z.boolean().describe('Whether the recorded settings came to the recorded events, one by one.'),
  recorded: z.looseObject({}).describe('Orders, holds, seats, parties and money as they were.'),
  baseline: z.looseObject({}).describe('The same, replayed under the recorded settings.'),
  whatIf: z.looseObject({}).describe('The same, replayed under the other settings.'),
  model: z.array(z.string()).describe('How a replay takes it.'),
});

export const auditRunEndpoints = (deps: AuditRunDeps): readonly Endpoint[] => {
  const ask = createAsking(deps);
  return [verifyProgramEndpoint(ask), verifyEndpoint(ask), replayEndpoint(ask)];
};

const verifyProgramEndpoint = (ask: Ask): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/audit/programs/:programId/verify',
    access: 'operator',
    summary:
      'Proves from the log alone that a program keeps every invariant, or names the events that break it.',
    params: programParams,
    query,
    answers: { 200: reportSchema },
    handle: ({ params: { programId }, query: { reason }, ...call }) =>
      ask(call, reason, { kind: 'verify', programId }),
  });

const verifyEndpoint = (ask: Ask): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/audit/verify',
    access: 'operator',
    summary: 'Proves the same of every program, and what must hold between them.',
    query,
    answers: { 200: reportSchema },
    handle: ({ query: { reason }, ...call }) => ask(call, reason, { kind: 'verify' }),
  });

const replayEndpoint = (ask: Ask): Endpoint =>
  endpoint({
    method: 'POST',
    path: '/audit/programs/:programId/replay',
    access: 'operator',
    summary: 'What a recorded sale would have come to under other settings.',
    params: programParams,
    query,
    body: whatIfBody,
    answers: { 200: comparisonSchema },
    handle: ({ params: { programId }, query: { reason }, body, ...call }) => {
      const parsed = parseWhatIfMembers(settingsIn(body.whatIf));
      if (parsed.kind === 'refused') return refusal(parsed.code, { detail: parsed.problem });
      return ask(call, reason, { kind: 'replay', programId, whatIf: parsed.settings });
    },
  });

/** Without the members that are there and undefined. */
const settingsIn = (whatIf: Readonly<Record<string, string | number | undefined>>) =>
  Object.fromEntries(
    Object.entries(whatIf).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );

type Caller = {
  readonly identity: Identity;
  readonly correlationId: string;
  readonly signal: AbortSignal;
};
type Ask = (caller: Caller, reason: string | undefined, task: AuditTask) => Promise<Reply>;

/** Recorded before it begins; whoever is refused a place has asked nothing. */
const createAsking = ({ record, run }: AuditRunDeps): Ask => {
  const places = createPlaces(MAX_AT_A_TIME);
  return async (caller, reason, task) => {
    if (!places.take()) return refusal('overloaded', { headers: { 'retry-after': RETRY_AFTER_SECONDS } });
    try {
      const read: Omit<AuditRead, 'readAtMs'> = {
        ...{ question: task.kind, subject: task.programId ?? ALL_PROGRAMS, unmasked: false, via: 'http' },
        ...(reason !== undefined && { reason }),
      };
      await record(caller.identity.userId, read, contextOf(caller));
      const answer = await run(task, { signal: caller.signal });
      if (answer.kind === 'answer') return documentOf(answer.json);
      return refusal(answer.code, answer.detail === undefined ? {} : { detail: answer.detail });
    } finally {
      places.giveBack();
    }
  };
};

const documentOf = (bytes: Uint8Array): Reply => ({
  ...{ kind: 'bytes', status: 200, contentType: 'application/json; charset=utf-8', bytes },
  headers: { 'cache-control': 'no-store' },
});
