/** Where a sale is kept: one stream for each program, so that one expected revision guards all its seats. */
import { type ProgramId, programIdSchema } from '../shared/ids.ts';

export const SALE_CATEGORY = 'Sale';

export const saleStream = (programId: ProgramId) => `${SALE_CATEGORY}-${programId}` as const;

/** The program whose sale a stream is; undefined for streams of other categories. */
export function programOfSaleStream(stream: string): ProgramId | undefined {
  const prefix = `${SALE_CATEGORY}-`;
  if (!stream.startsWith(prefix)) return undefined;
  return programIdSchema.safeParse(stream.slice(prefix.length)).data;
}
