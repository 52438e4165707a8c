/**
 * Shows a program as on sale. The sale itself opens by its hours, to the millisecond and without anybody's doing; this
 * is what visitors see of it.
 */
import type { ProgramRefusalCode } from '../domain/program/index.ts';
import type { ProgramId } from '../domain/shared/ids.ts';
import type { ProgramStream } from './keep-sale-in-step.ts';
import type { CommandContext } from './ports.ts';

export type OpenSaleDeps = {
  readonly program: (programId: ProgramId) => ProgramStream;
  readonly nowMs: () => number;
};

export type OpenSaleAnswer =
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly code: ProgramRefusalCode };

/** Rejects as `submit` does. */
export const openSale = async (
  deps: OpenSaleDeps,
  programId: ProgramId,
  context: CommandContext,
): Promise<OpenSaleAnswer> => {
  const command = { type: 'OpenSale', programId, nowMs: deps.nowMs() } as const;
  const outcome = await deps.program(programId).submit(command, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'opened' };
};
