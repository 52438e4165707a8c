import { sign } from 'node:crypto';
import fc from 'fast-check';
import QRCode from 'qrcode';
import { describe, expect, it } from 'vitest';
import {
  categoryIdSchema,
  orderNumberSchema,
  programIdSchema,
  ticketUserIdSchema,
} from '../../src/domain/shared/ids.ts';
import { signTicket, type TicketFacts, ticketUserRef, verifyTicket } from '../../src/tickets/code.ts';
import { holds } from '../support/properties.ts';
import { key, otherKey, seated, standing } from './fixtures.ts';

/** Modules a side are 17 + 4 × version. Telephones read this one off a printed ticket. */
const COARSE_QR_VERSION = 11;

const id = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z-]{0,47}$/);
const anyTicket: fc.Arbitrary<TicketFacts> = fc.record({
  programId: id.map((text) => programIdSchema.parse(text)),
  orderNumber: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }).map((n) => orderNumberSchema.parse(String(n))),
  index: fc.nat(27),
  categoryId: id.map((text) => categoryIdSchema.parse(text)),
  ticketUserRef: fc.stringMatching(/^[0-9a-f]{16}$/),
  seat: fc.option(
    fc.record({
      number: fc.nat(200_000),
      section: fc.string({ unit: 'grapheme', maxLength: 10 }),
      row: fc.string({ maxLength: 8 }),
      seat: fc.string({ maxLength: 8 }),
    }),
  ),
});

describe('The code of a ticket', () => {
  it('says what was signed, of any ticket', () => {
    holds(
      fc.property(anyTicket, (ticket) => {
        expect(verifyTicket(key.publicKey, signTicket(key, ticket))).toEqual({ kind: 'valid', ticket });
      }),
    );
  });

  it('is the same whenever it is asked for', () => {
    expect(signTicket(key, seated)).toBe(signTicket(key, seated));
  });

  it('is worth nothing once any bit of it was changed', () => {
    const code = Buffer.from(signTicket(key, seated), 'base64url');
    holds(
      fc.property(fc.nat(code.length * 8 - 1), (bit) => {
        const changed = Buffer.from(code);
        const at = Math.floor(bit / 8);
        changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
        expect(verifyTicket(key.publicKey, changed.toString('base64url')).kind).toBe('refused');
      }),
    );
  });

  it('of another house is told from a forged one', () => {
    const code = signTicket(otherKey, seated);
    expect(verifyTicket(key.publicKey, code)).toEqual({ kind: 'refused', code: 'ticket_key_unknown' });
    const bytes = Buffer.from(code, 'base64url');
    Buffer.from(key.publicKey.id, 'hex').copy(bytes, 1);
    expect(verifyTicket(key.publicKey, bytes.toString('base64url'))).toEqual({
      kind: 'refused',
      code: 'ticket_signature_invalid',
    });
  });

  it('is not a signature that the key has made of something else', () => {
    const said = Buffer.from(signTicket(key, seated), 'base64url').subarray(0, -64);
    const code = Buffer.concat([said, sign(null, said, key.privateKey)]).toString('base64url');
    expect(verifyTicket(key.publicKey, code)).toMatchObject({ code: 'ticket_signature_invalid' });
  });

  it.each(['', 'A', 'not a code', '=', `${'A'.repeat(3_000)}`, 'AQ'.repeat(60)])('is not %j', (text) => {
    expect(verifyTicket(key.publicKey, text).kind).toBe('refused');
  });

  it('is refused with a tail, padding or another alphabet, so that one ticket has one code', () => {
    const code = signTicket(key, standing);
    for (const other of [
      `${code}=`,
      `${code}A`,
      ` ${code}`,
      code.replaceAll('_', '/').replaceAll('-', '+'),
    ]) {
      if (other !== code) expect(verifyTicket(key.publicKey, other).kind).toBe('refused');
    }
  });

  it('is short enough for a coarse QR code', () => {
    expect(signTicket(key, seated).length).toBeLessThan(200);
    const { version } = QRCode.create(signTicket(key, seated), { errorCorrectionLevel: 'M' });
    expect(version).toBeLessThanOrEqual(COARSE_QR_VERSION);
  });

  it('refers to its ticket user without naming the id', () => {
    const ticketUser = ticketUserIdSchema.parse('person-1');
    expect(ticketUserRef(ticketUser)).toMatch(/^[0-9a-f]{16}$/);
    const code = signTicket(key, { ...seated, ticketUserRef: ticketUserRef(ticketUser) });
    expect(Buffer.from(code, 'base64url').includes('person-1')).toBe(false);
  });
});
