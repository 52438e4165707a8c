/** A ticket of a seat, and the keys of two houses. */
import { categoryIdSchema, orderNumberSchema, programIdSchema } from '../../src/domain/shared/ids.ts';
import { signingKeyOf } from '../../src/signing.ts';
import type { TicketFacts } from '../../src/tickets/code.ts';

export const key = signingKeyOf({ bytes: new Uint8Array(32).fill(1) });
export const otherKey = signingKeyOf({ bytes: new Uint8Array(32).fill(2) });

export const seated: TicketFacts = {
  programId: programIdSchema.parse('swan-lake'),
  orderNumber: orderNumberSchema.parse('9223372036854775807'),
  index: 27,
  categoryId: categoryIdSchema.parse('stalls'),
  ticketUserRef: '00112233445566ff',
  seat: { number: 4_242, section: '池座', row: '12', seat: '7' },
};
export const standing: TicketFacts = { ...seated, seat: null };
