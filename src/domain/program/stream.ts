/** Where a program's events are kept. */
import { type ProgramId, programIdSchema } from '../shared/ids.ts';

export const PROGRAM_CATEGORY = 'Program';

export const programStream = (programId: ProgramId) => `${PROGRAM_CATEGORY}-${programId}` as const;

/** The program a stream belongs to; undefined for streams of other categories. */
export function programOfStream(stream: string): ProgramId | undefined {
  const prefix = `${PROGRAM_CATEGORY}-`;
  if (!stream.startsWith(prefix)) return undefined;
  return programIdSchema.safeParse(stream.slice(prefix.length)).data;
}
