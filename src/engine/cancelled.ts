/** Whether a program was cancelled, for what must not go on then: paying its orders, and keeping the money. */
import type { ProgramId } from '../domain/shared/ids.ts';
import type { Streams } from './streams.ts';

/** The function rejects with what the log rejects with. */
export const isCancelled =
  ({ programs }: Pick<Streams, 'programs'>) =>
  (programId: ProgramId): Promise<boolean> =>
    programs.of(programId).ask((state) => state.kind === 'published' && state.sale === 'cancelled');
