/**
 * What an account's stream says: these types are the stored format. Names and id numbers are here as
 * ciphertext only, so that the log may be kept for ever and a person may still be forgotten.
 */
import { z } from 'zod';
import { type EventOf, eventSpec } from '../shared/event.ts';
import { idDocumentHashSchema, ticketUserIdSchema, userIdSchema } from '../shared/ids.ts';
import { ciphertextSchema, idTypeSchema, personKeyIdSchema } from '../shared/personal-data.ts';

const instantMs = z.int().min(0);
const subject = { user: userIdSchema, ticketUser: ticketUserIdSchema };

export const accountEventSpecs = [
  eventSpec(
    'TicketUserAdded',
    z.strictObject({
      ...subject,
      idType: idTypeSchema,
      name: ciphertextSchema,
      idNumber: ciphertextSchema,
      personKey: personKeyIdSchema,
      idDocument: idDocumentHashSchema,
      addedAtMs: instantMs,
    }),
  ),
  /** Orders that name this ticket user keep it, and its data stays readable for them. */
  eventSpec('TicketUserRemoved', z.strictObject({ ...subject, removedAtMs: instantMs })),
  /**
   * The key is to be destroyed, and with it everything that was ever sealed with it. Removes the ticket user
   * too.
   */
  eventSpec(
    'PersonErased',
    z.strictObject({ ...subject, personKey: personKeyIdSchema, erasedAtMs: instantMs }),
  ),
] as const;

export type AccountEvent = EventOf<(typeof accountEventSpecs)[number]>;
