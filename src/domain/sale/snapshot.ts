/**
 * The state of a sale as bytes, so that a cold start reads a few megabytes instead of a million events. Only what
 * cannot be computed is kept: bookings, claims, lanes, the window and the terms; seats, counts, tables and trees follow from
 * them. A snapshot of another format is no snapshot: the caller folds the stream instead.
 */
import { z } from 'zod';
import { createBook, type OrderBook } from './book.ts';
import type { Cells } from './cells.ts';
import { saleTermsSchema } from './events.ts';
import { reinstate } from './remembered.ts';
import { everUsed } from './slots.ts';
import { initial, type SaleState } from './state.ts';
import { saleStream } from './stream.ts';

const MAGIC = 0x534c_5331;
const FORMAT_VERSION = 2;
/** Magic, version, checksum, bytes of JSON. */
const HEADER_WORDS = 4;
const CHECKSUM_WORD = 2;
const BYTES_PER_WORD = 4;
const ALIGNMENT_BYTES = 8;
const HEADER_BYTES = HEADER_WORDS * BYTES_PER_WORD;

const headSchema = z.strictObject({
  terms: saleTermsSchema,
  bookingsUsed: z.int().min(0),
  claimsUsed: z.int().min(0),
});

type Section = { readonly cells: Cells; readonly used: number };

/** Throws while a batch is open: what is not in the log must not outlive the process. */
export function snapshotSale(state: SaleState): Uint8Array {
  const { book, journal } = state;
  if (journal.open) throw new Error('A batch is open: its decisions are not in the log.');
  if (book === undefined) throw new Error('A sale that has not started has no snapshot.');
  const bookingsUsed = everUsed(book.bookings.slots);
  const claimsUsed = everUsed(book.claims.slots);
  const json = new TextEncoder().encode(JSON.stringify({ terms: book.terms, bookingsUsed, claimsUsed }));
  const sections = sectionsOf(book, bookingsUsed, claimsUsed);
  const sectionBytes = sections.reduce((sum, section) => sum + aligned(usedBytes(section).length), 0);
  const bytes = new Uint8Array(HEADER_BYTES + aligned(json.length) + sectionBytes);
  bytes.set(json, HEADER_BYTES);
  let offset = HEADER_BYTES + aligned(json.length);
  for (const section of sections) {
    const used = usedBytes(section);
    bytes.set(used, offset);
    offset += aligned(used.length);
  }
  const header = new Int32Array(bytes.buffer, 0, HEADER_WORDS);
  header.set([MAGIC, FORMAT_VERSION, 0, json.length]);
  header[CHECKSUM_WORD] = checksumOf(bytes);
  return bytes;
}

/** Undefined for bytes that are not a whole snapshot of this format, and of this stream's: then fold the stream. */
export function restoreSale(bytes: Uint8Array, stream?: string): SaleState | undefined {
  // A copy of its own is aligned; a view into a network buffer may not be.
  const own = bytes.slice();
  if (own.length < HEADER_BYTES || own.length % ALIGNMENT_BYTES !== 0) return undefined;
  const [magic, version, checksum, jsonLength = 0] = new Int32Array(own.buffer, 0, HEADER_WORDS);
  if (magic !== MAGIC || version !== FORMAT_VERSION || checksum !== checksumOf(own)) return undefined;
  const head = readHead(own, jsonLength);
  if (head === undefined) return undefined;
  if (stream !== undefined && saleStream(head.terms.programId) !== stream) return undefined;
  const state = initial();
  const book = createBook(head.terms, state.journal);
  let offset = HEADER_BYTES + aligned(jsonLength);
  for (const section of sectionsOf(book, head.bookingsUsed, head.claimsUsed)) {
    const target = usedBytes(section);
    if (offset + target.length > own.length) return undefined;
    target.set(own.subarray(offset, offset + target.length));
    offset += aligned(target.length);
  }
  for (let booking = 0; booking < head.bookingsUsed; booking += 1) reinstate(book, booking);
  state.book = book;
  return state;
}

function readHead(bytes: Uint8Array, length: number): z.infer<typeof headSchema> | undefined {
  const text = new TextDecoder().decode(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
  return headSchema.safeParse(JSON.parse(text)).data;
}

/** Everything that is kept, always in this order: another order is another format version. */
function sectionsOf(book: OrderBook, bookingsUsed: number, claimsUsed: number): Section[] {
  const whole = (cells: Cells): Section => ({ cells, used: cells.length });
  const { bookings, claims } = book;
  const bookingColumns = [
    bookings.slots.next,
    bookings.keyHi,
    bookings.keyLo,
    bookings.buyerHi,
    bookings.buyerLo,
    bookings.requestHi,
    bookings.requestLo,
    bookings.content,
    bookings.paymentHi,
    bookings.paymentLo,
    bookings.facts,
    bookings.firstClaim,
    bookings.rememberedBefore,
    bookings.deadlineMs,
  ];
  const claimColumns = [
    claims.slots.next,
    claims.seat,
    claims.ticket,
    claims.documentHi,
    claims.documentLo,
    claims.priceMinor,
  ];
  return [
    whole(book.window),
    whole(book.closed),
    whole(book.lanes),
    whole(book.endedOrders.cells),
    whole(book.endedHolds.cells),
    whole(bookings.slots.heads),
    whole(claims.slots.heads),
    ...bookingColumns.map((cells) => ({ cells, used: Math.min(bookingsUsed, cells.length) })),
    ...claimColumns.map((cells) => ({ cells, used: Math.min(claimsUsed, cells.length) })),
  ];
}

function usedBytes({ cells, used }: Section): Uint8Array {
  return new Uint8Array(cells.buffer, cells.byteOffset, used * cells.BYTES_PER_ELEMENT);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** Of everything behind the checksum, four bytes at a time. */
function checksumOf(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, 0, bytes.length / BYTES_PER_WORD);
  let sum = 0x811c_9dc5;
  for (let index = CHECKSUM_WORD + 1; index < words.length; index += 1) {
    sum = Math.imul(sum ^ (words[index] ?? 0), 0x0100_0193);
    sum ^= sum >>> 15;
  }
  return sum | 0;
}
