/**
 * What an operator's trail says: these types are the stored format. Who looked into the log, for what and why; who is
 * in the metadata, and nobody's data is here in clear.
 */
import { z } from 'zod';
import { type EventOf, eventSpec } from '../shared/event.ts';
import { textSchema } from '../shared/text.ts';
import { MAX_MOMENT_CHARACTERS, MAX_REASON_CHARACTERS, MAX_SUBJECT_CHARACTERS } from './limits.ts';

export const auditQuestionSchema = z.enum(['order', 'seat', 'buyer', 'program', 'replay', 'verify']);
export type AuditQuestion = z.infer<typeof auditQuestionSchema>;

/** Why somebody wants to know: free text, for whoever looks at the trail later. */
export const auditReasonSchema = textSchema(MAX_REASON_CHARACTERS).trim().min(1);

export const auditTrailEventSpecs = [
  /** Recorded before the answer is given: what is not here was not answered. */
  eventSpec(
    'AuditRead',
    z.strictObject({
      question: auditQuestionSchema,
      /** An id as it was asked for: an order number, a program with its seat, a user id; `*` for all programs. */
      subject: textSchema(MAX_SUBJECT_CHARACTERS).min(1),
      /** The moment that was asked about, as it was asked. */
      at: textSchema(MAX_MOMENT_CHARACTERS).min(1).exactOptional(),
      /** Whether names and numbers of people were to be shown in clear. */
      unmasked: z.boolean(),
      reason: auditReasonSchema.exactOptional(),
      via: z.enum(['http', 'cli']),
      readAtMs: z.int().min(0),
    }),
  ),
] as const;

export type AuditTrailEvent = EventOf<(typeof auditTrailEventSpecs)[number]>;
export type AuditRead = AuditTrailEvent['data'];
