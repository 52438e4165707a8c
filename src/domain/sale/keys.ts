/**
 * The sale finds orders, holds, buyers and id documents by 64-bit keys, kept as two signed 32-bit halves in typed
 * arrays. Order numbers are exact; the others are hashes, and a collision of two of them may at worst refuse.
 */
import type {
  HoldToken,
  IdDocumentHash,
  OrderNumber,
  PaymentNumber,
  RequestId,
  UserId,
} from '../shared/ids.ts';

export type Key = { readonly hi: number; readonly lo: number };

const LOW_32_BITS = 0xffff_ffffn;
/** Order numbers have 63 bits, so the 64th tells a hold's key from every order's. */
const HOLD_BIT = 0x8000_0000 | 0;

export function sameKey(one: Key, other: Key): boolean {
  return one.hi === other.hi && one.lo === other.lo;
}

export function keyOfNumber(decimal: OrderNumber | PaymentNumber): Key {
  const value = BigInt(decimal);
  return { hi: Number(value >> 32n) | 0, lo: Number(value & LOW_32_BITS) | 0 };
}

export function decimalOf(hi: number, lo: number): string {
  return ((BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0)).toString();
}

export function keyOfHold(token: HoldToken): Key {
  const { hi, lo } = hashOf(token);
  return { hi: hi | HOLD_BIT, lo };
}

export function keyOfBuyer(buyer: UserId): Key {
  return hashOf(buyer);
}

/** Documents and requests come hashed already: their first 64 bits are as good as any. */
export function keyOfDigest(hex: IdDocumentHash | RequestId): Key {
  return {
    hi: Number.parseInt(hex.slice(0, 8), 16) | 0,
    lo: Number.parseInt(hex.slice(8, 16), 16) | 0,
  };
}

/** Half a key, for contents that are compared and never looked up. Unsigned, as it is stored in events. */
export function fingerprintOf(text: string): number {
  return hashOf(text).lo >>> 0;
}

/**
 * Two multiply-and-rotate lanes that feed each other. Not cryptographic: whoever chooses ids can find two with one
 * key, in minutes. Two such buyers share one limit, so at worst one is refused; whose an order is, the API decides by
 * the whole id before the sale is asked. Ids are to be given to buyers and not chosen by them.
 */
function hashOf(text: string): Key {
  let hi = 0x9e37_79b9 ^ text.length;
  let lo = 0x85eb_ca6b;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    hi = Math.imul(hi ^ code, 0xcc9e_2d51);
    hi = (((hi << 13) | (hi >>> 19)) + lo) | 0;
    lo = Math.imul(lo ^ code, 0x1b87_3593);
    lo = (((lo << 17) | (lo >>> 15)) + hi) | 0;
  }
  hi = scramble(hi ^ Math.imul(lo, 0x27d4_eb2f));
  lo = scramble(lo ^ Math.imul(hi, 0x1656_67b1));
  return { hi, lo };
}

/** Murmur3's finalizer: every bit of the result depends on every bit given. */
export function scramble(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
