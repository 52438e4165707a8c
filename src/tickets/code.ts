/**
 * A ticket as a code that a door can check without asking anybody: what the ticket is good for, and an
 * Ed25519 signature over it, in base64url. Binary and not JSON, so that its QR code stays coarse enough for
 * any camera. It names no person: the ticket user is a short hash of an id that only the engine can resolve.
 */
import { createHash, sign, verify } from 'node:crypto';
import type { CategoryId, OrderNumber, ProgramId, TicketUserId } from '../domain/shared/ids.ts';
import { categoryIdSchema, orderNumberSchema, programIdSchema } from '../domain/shared/ids.ts';
import { KEY_ID_BYTES, type PublicKey, type SigningKey } from '../signing.ts';

const VERSION = 1;
/** Signed with every code, so that no signature of ours ever fits another kind of message. */
const CONTEXT = Buffer.from('seatlog/ticket/1\n');
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const SIGNATURE_BYTES = 64;
const USER_REF_BYTES = 8;
const MAX_CODE_CHARACTERS = 2_000;
const MAX_TEXT_BYTES = 255;

/** What a code says. */
export type TicketFacts = {
  readonly programId: ProgramId;
  readonly orderNumber: OrderNumber;
  /** The ticket's place in its order, from 0. */
  readonly index: number;
  readonly categoryId: CategoryId;
  /** 16 hexadecimal digits: `ticketUserRef` of the ticket user's id. */
  readonly ticketUserRef: string;
  /** Null in general admission. */
  readonly seat: {
    readonly number: number;
    readonly section: string;
    readonly row: string;
    readonly seat: string;
  } | null;
};

export type TicketVerdict =
  | { readonly kind: 'valid'; readonly ticket: TicketFacts }
  | {
      readonly kind: 'refused';
      readonly code: 'ticket_malformed' | 'ticket_key_unknown' | 'ticket_signature_invalid';
    };

export const ticketUserRef = (ticketUser: TicketUserId): string =>
  createHash('sha256')
    .update(`seatlog/ticket-user/1/${ticketUser}`)
    .digest('hex')
    .slice(0, 2 * USER_REF_BYTES);

/** The same for the same ticket and key, always. */
export function signTicket({ privateKey, publicKey }: SigningKey, ticket: TicketFacts): string {
  const said = Buffer.concat([Buffer.from([VERSION]), Buffer.from(publicKey.id, 'hex'), encode(ticket)]);
  const signature = sign(null, Buffer.concat([CONTEXT, said]), privateKey);
  return Buffer.concat([said, signature]).toString('base64url');
}

/** Says nothing about refunds since: only the engine knows those. */
export function verifyTicket(publicKey: PublicKey, code: string): TicketVerdict {
  const bytes = code.length > MAX_CODE_CHARACTERS ? Buffer.alloc(0) : Buffer.from(code, 'base64url');
  const isCode = bytes.length > HEAD_BYTES + SIGNATURE_BYTES && bytes.toString('base64url') === code;
  if (!isCode || bytes[0] !== VERSION) return { kind: 'refused', code: 'ticket_malformed' };
  if (bytes.subarray(1, HEAD_BYTES).toString('hex') !== publicKey.id) {
    return { kind: 'refused', code: 'ticket_key_unknown' };
  }
  const said = bytes.subarray(0, -SIGNATURE_BYTES);
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  if (!verify(null, Buffer.concat([CONTEXT, said]), publicKey.key, signature)) {
    return { kind: 'refused', code: 'ticket_signature_invalid' };
  }
  const ticket = decode(said.subarray(HEAD_BYTES));
  return ticket === undefined ? { kind: 'refused', code: 'ticket_malformed' } : { kind: 'valid', ticket };
}

function encode(ticket: TicketFacts): Buffer {
  const { seat } = ticket;
  const parts = [
    text(ticket.programId),
    uint64(BigInt(ticket.orderNumber)),
    Buffer.from([ticket.index]),
    text(ticket.categoryId),
    Buffer.from(ticket.ticketUserRef, 'hex'),
  ];
  if (seat !== null) parts.push(uint32(seat.number), text(seat.section), text(seat.row), text(seat.seat));
  return Buffer.concat(parts);
}

/** Undefined for what `encode` never writes. */
function decode(bytes: Buffer): TicketFacts | undefined {
  try {
    const reader = readerOf(bytes);
    const facts = {
      programId: programIdSchema.parse(reader.text()),
      orderNumber: orderNumberSchema.parse(reader.take(8).readBigUInt64BE().toString()),
      index: reader.take(1).readUInt8(),
      categoryId: categoryIdSchema.parse(reader.text()),
      ticketUserRef: reader.take(USER_REF_BYTES).toString('hex'),
    };
    if (reader.isAtEnd()) return { ...facts, seat: null };
    const number = reader.take(4).readUInt32BE();
    const seat = { number, section: reader.text(), row: reader.text(), seat: reader.text() };
    return reader.isAtEnd() ? { ...facts, seat } : undefined;
  } catch {
    return undefined;
  }
}

function readerOf(bytes: Buffer) {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > bytes.length) throw new RangeError('The code ends too early.');
    at += length;
    return bytes.subarray(at - length, at);
  };
  return {
    take,
    text: () => take(take(1).readUInt8()).toString('utf8'),
    isAtEnd: () => at === bytes.length,
  };
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length > MAX_TEXT_BYTES) throw new RangeError(`"${value}" is too long for a ticket.`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
