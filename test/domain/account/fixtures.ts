/** Ticket users of one account, told in events. */
import type { AccountEvent, AddTicketUser } from '../../../src/domain/account/index.ts';
import { idDocumentHashSchema, ticketUserIdSchema, userIdSchema } from '../../../src/domain/shared/ids.ts';
import { ciphertextSchema, personKeyIdSchema } from '../../../src/domain/shared/personal-data.ts';

export const nowMs = Date.UTC(2026, 1, 1, 12);
export const user = userIdSchema.parse('buyer-1');
export const ticketUser = (n: number) => ticketUserIdSchema.parse(`tu-${n}`);
export const personKey = (n: number) => personKeyIdSchema.parse(`key-${n}`);
export const idDocument = (n: number) => idDocumentHashSchema.parse(n.toString(16).padStart(32, '0'));
export const sealed = ciphertextSchema.parse(`pd1.${'A'.repeat(80)}`);

export const addition = (n: number, document = n): AddTicketUser => ({
  type: 'AddTicketUser',
  user,
  ticketUser: ticketUser(n),
  nowMs,
  idType: 1,
  name: sealed,
  idNumber: sealed,
  personKey: personKey(n),
  idDocument: idDocument(document),
});

export const added = (n: number, document = n): AccountEvent => {
  const { type: _, nowMs: addedAtMs, ...data } = addition(n, document);
  return { type: 'TicketUserAdded', data: { ...data, addedAtMs } };
};
export const removed = (n: number): AccountEvent => ({
  type: 'TicketUserRemoved',
  data: { user, ticketUser: ticketUser(n), removedAtMs: nowMs },
});
export const erased = (n: number): AccountEvent => ({
  type: 'PersonErased',
  data: { user, ticketUser: ticketUser(n), personKey: personKey(n), erasedAtMs: nowMs },
});
