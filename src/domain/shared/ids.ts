/** Ids are branded, so that a buyer's id never passes for an order's. They are parsed at the edge and trusted inside. */
import { z } from 'zod';

/** Composite stream ids join their parts with `_`, so no id may hold one. */
const opaqueId = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,47}$/, 'an id is 1 to 48 letters, digits or dashes');

export const programIdSchema = opaqueId.brand<'ProgramId'>();
export type ProgramId = z.infer<typeof programIdSchema>;

export const categoryIdSchema = opaqueId.brand<'CategoryId'>();
export type CategoryId = z.infer<typeof categoryIdSchema>;

export const userIdSchema = opaqueId.brand<'UserId'>();
export type UserId = z.infer<typeof userIdSchema>;

export const ticketUserIdSchema = opaqueId.brand<'TicketUserId'>();
export type TicketUserId = z.infer<typeof ticketUserIdSchema>;

/** Names a hold that a buyer took on the seat map. Whoever has it may order those seats, if it is theirs. */
export const holdTokenSchema = opaqueId.brand<'HoldToken'>();
export type HoldToken = z.infer<typeof holdTokenSchema>;

const MAX_63_BITS = '9223372036854775807';
/** Compared as text, because refinements also meet what the pattern refuses, and `BigInt` would throw on it. */
const decimal63 = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, 'a number of at most 19 digits')
  .refine((text) => text.length < MAX_63_BITS.length || text <= MAX_63_BITS, 'a number below 2^63');

/** 63 bits as a decimal string: JSON numbers would lose its last digits. */
export const orderNumberSchema = decimal63.brand<'OrderNumber'>();
export type OrderNumber = z.infer<typeof orderNumberSchema>;

export const paymentNumberSchema = decimal63.brand<'PaymentNumber'>();
export type PaymentNumber = z.infer<typeof paymentNumberSchema>;

/** A keyed hash of id type and number: equal for the same document, and says nothing else about it. */
export const idDocumentHashSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, '32 hexadecimal digits')
  .brand<'IdDocumentHash'>();
export type IdDocumentHash = z.infer<typeof idDocumentHashSchema>;

/** Digest of a buyer and the idempotency key of a request: the same request carries it each time it comes. */
export const requestIdSchema = z
  .string()
  .regex(/^[0-9a-f]{32}$/, '32 hexadecimal digits')
  .brand<'RequestId'>();
export type RequestId = z.infer<typeof requestIdSchema>;

/** Names one refund of a payment; the provider sees it too and repeats nothing that has the same one. */
export const refundIdSchema = opaqueId.brand<'RefundId'>();
export type RefundId = z.infer<typeof refundIdSchema>;
