/**
 * The seat map: two bits a seat, the lowest bits of a byte first, seats in the order of their numbers. A hall of
 * 100,000 seats is 25 kB of it.
 */
const SEATS_PER_BYTE = 4;
const BITS_PER_SEAT = 2;
const BITS_PER_BYTE = 8;

export const seatStatus = { free: 0, held: 1, sold: 2, blocked: 3 } as const;
export type SeatStatus = (typeof seatStatus)[keyof typeof seatStatus];

/** How long the seat map of so many seats is. */
export const seatMapBytes = (count: number): number => Math.ceil(count / SEATS_PER_BYTE);

export function packSeats(count: number, statusOf: (seat: number) => SeatStatus): Uint8Array {
  const bytes = new Uint8Array(seatMapBytes(count));
  for (let seat = 0; seat < count; seat += 1) {
    const byte = Math.floor(seat / SEATS_PER_BYTE);
    bytes[byte] = (bytes[byte] ?? 0) | (statusOf(seat) << (BITS_PER_SEAT * (seat % SEATS_PER_BYTE)));
  }
  return bytes;
}

/** Which bytes have these seats, both included. */
export function bytesOfSeats(firstSeat: number, count: number): { firstByte: number; lastByte: number } {
  return {
    firstByte: Math.floor(firstSeat / SEATS_PER_BYTE),
    lastByte: Math.floor((firstSeat + count - 1) / SEATS_PER_BYTE),
  };
}

/** Moves the bits of whole bytes, as `bytesOfSeats` names them, so that `firstSeat` has the lowest ones. */
export function alignSeats(whole: Uint8Array, firstSeat: number, count: number): Uint8Array {
  const shift = BITS_PER_SEAT * (firstSeat % SEATS_PER_BYTE);
  const aligned = new Uint8Array(seatMapBytes(count));
  for (let index = 0; index < aligned.length; index += 1) {
    const next = (whole[index + 1] ?? 0) << (BITS_PER_BYTE - shift);
    aligned[index] = ((whole[index] ?? 0) >> shift) | next;
  }
  const inLast = count % SEATS_PER_BYTE;
  const last = aligned.length - 1;
  if (inLast > 0) aligned[last] = (aligned[last] ?? 0) & ((1 << (BITS_PER_SEAT * inLast)) - 1);
  return aligned;
}
