/** What a sale sells, from the first event of its stream, and the names of its places. */
import { programStream } from '../domain/program/index.ts';
import {
  createSeatNames,
  type Place,
  type SaleTerms,
  type SeatNames,
  saleStream,
} from '../domain/sale/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import type { PlaceAnswer } from './answers.ts';
import type { AuditLog } from './log.ts';

export type Hall = {
  readonly terms: SaleTerms;
  readonly seats: SeatNames;
  /** Where the sale began. */
  readonly position: bigint;
};

/** Undefined where no sale of the program was started. Rejects with what the log rejects with. */
export const findHall = async (
  log: Pick<AuditLog, 'eventAt'>,
  programId: ProgramId,
): Promise<Hall | undefined> => {
  const first = await log.eventAt(saleStream(programId), 0n);
  if (first?.type !== 'SaleStarted') return undefined;
  return { terms: first.data, seats: createSeatNames(first.data.layout), position: first.position };
};

/** Why there is no hall: nobody knows the program, or its sale has not been started. */
export const whyNoHall = async (
  log: Pick<AuditLog, 'has'>,
  programId: ProgramId,
): Promise<'program_not_found' | 'sale_not_open'> => {
  const isKnown = (await log.has(programStream(programId))) || (await log.has(saleStream(programId)));
  return isKnown ? 'sale_not_open' : 'program_not_found';
};

/** Without a hall, or for a place it does not have, only the numbers are told. */
export const placeOf = (hall: Hall | undefined, [category, seat]: Place): PlaceAnswer => {
  const categoryId = hall?.terms.layout[category]?.id ?? `#${category}`;
  if (seat === null) return { categoryId, seat: null };
  const name = hall?.seats.nameOf(seat);
  const labels = { section: name?.section ?? '', row: name?.row ?? '', seat: name?.seat ?? '' };
  return { categoryId, seat: { number: seat, ...labels } };
};

/** As people say it: `B-12`, with the section where there is one; the category in general admission. */
export const placeText = ({ categoryId, seat }: PlaceAnswer): string => {
  if (seat === null) return categoryId;
  const where = seat.row === '' ? `#${seat.number}` : `${seat.row}-${seat.seat}`;
  return seat.section === '' ? `${categoryId} ${where}` : `${categoryId} ${seat.section} ${where}`;
};
