/** The account: the people a buyer may make tickets out to. */
import type { Decider } from '../shared/decider.ts';
import type { AccountCommand, AccountOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { AccountEvent } from './events.ts';
import { type AccountState, evolve, initial } from './state.ts';

export type * from './commands.ts';
export * from './events.ts';
export * from './limits.ts';
export * from './refusals.ts';
export { type AccountState, presentTicketUser, type TicketUser } from './state.ts';
export * from './stream.ts';

export const accountDecider: Decider<AccountCommand, AccountEvent, AccountState, AccountOutcome> = {
  initial,
  evolve,
  decide,
};
