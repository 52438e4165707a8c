/** The seat map of a category as Redis keeps it, for who shows a hall. */
import type { SeatMap } from '../api/programs/browse.ts';
import type { CategoryId, ProgramId } from '../domain/shared/ids.ts';
import type { Services } from './services.ts';

/** The function answers undefined before the sale has started, and while its seats are counted anew. */
export const seatMapFrom =
  ({ halls, gate }: Pick<Services, 'halls' | 'gate'>) =>
  async (programId: ProgramId, categoryId: CategoryId): Promise<SeatMap | undefined> => {
    const range = (await halls.of(programId))?.seatsOf.get(categoryId);
    if (range === undefined) return undefined;
    const found = await gate.readSeats(programId, range.firstSeat, range.seatCount);
    return found && { ...range, revision: Number(found.revision), statuses: found.bytes };
  };
