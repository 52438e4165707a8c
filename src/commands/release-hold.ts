/** Gives the seats of a hold back before its time is up. */
import type { ReleaseHold, SaleRefusalCode } from '../domain/sale/index.ts';
import type { HoldToken, ProgramId, UserId } from '../domain/shared/ids.ts';
import type { HoldSeatsDeps } from './hold-seats.ts';
import type { CommandContext } from './ports.ts';

export type ReleaseHoldRequest = {
  readonly programId: ProgramId;
  readonly buyer: UserId;
  readonly holdToken: HoldToken;
};

export type ReleaseHoldAnswer =
  | { readonly kind: 'hold_released' }
  | { readonly kind: 'refused'; readonly code: SaleRefusalCode };

/** Rejects as `holdSeats` does. */
export const releaseHold = async (
  deps: Pick<HoldSeatsDeps, 'sale' | 'hasSale'>,
  { programId, buyer, holdToken }: ReleaseHoldRequest,
  context: CommandContext,
): Promise<ReleaseHoldAnswer> => {
  if (!(await deps.hasSale(programId))) return { kind: 'refused', code: 'hold_not_found' };
  const command: ReleaseHold = { type: 'ReleaseHold', holdToken, buyer };
  const outcome = await deps.sale(programId).submit(command, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'hold_released' };
};
