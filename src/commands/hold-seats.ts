/** Keeps seats for a buyer who picks them on the seat map, for as long as the plan gives a hold. */
import type { HoldSeats, Refused, SaleOutcome, WantedPlaces } from '../domain/sale/index.ts';
import type { HoldToken, ProgramId, UserId } from '../domain/shared/ids.ts';
import type { SaleStream } from './dispatch/dispatch.ts';
import type { CommandContext } from './ports.ts';

export type HoldSeatsDeps = {
  readonly sale: (programId: ProgramId) => Pick<SaleStream, 'submit'>;
  /** Whether the program has a sale: what nobody sells is not worth an aggregate in memory. */
  readonly hasSale: (programId: ProgramId) => Promise<boolean>;
  readonly nowMs: () => number;
};

export type HoldSeatsRequest = {
  readonly programId: ProgramId;
  readonly buyer: UserId;
  /** Made by the caller; the same for a request that is sent again. */
  readonly holdToken: HoldToken;
  readonly want: WantedPlaces;
};

export type HoldSeatsAnswer = Extract<SaleOutcome, { readonly kind: 'seats_held' }> | Refused;

/** Rejects as `submit` does, and with what `hasSale` rejects with. */
export const holdSeats = async (
  deps: HoldSeatsDeps,
  { programId, buyer, holdToken, want }: HoldSeatsRequest,
  context: CommandContext,
): Promise<HoldSeatsAnswer> => {
  if (!(await deps.hasSale(programId))) return { kind: 'refused', code: 'sale_not_open' };
  const command: HoldSeats = { type: 'HoldSeats', nowMs: deps.nowMs(), holdToken, buyer, want };
  const outcome = await deps.sale(programId).submit(command, context);
  if (outcome.kind === 'seats_held' || outcome.kind === 'refused') return outcome;
  throw new Error(`A sale answered a hold with ${outcome.kind}.`);
};
