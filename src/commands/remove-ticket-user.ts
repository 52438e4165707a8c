/** Takes somebody off the list of whom a buyer may make tickets out to. Tickets there are stay theirs. */
import type { AccountRefusalCode } from '../domain/account/index.ts';
import type { TicketUserId, UserId } from '../domain/shared/ids.ts';
import type { AccountStream } from './add-ticket-user.ts';
import type { CommandContext } from './ports.ts';

export type RemoveTicketUserDeps = {
  readonly account: (user: UserId) => Pick<AccountStream, 'submit'>;
  readonly nowMs: () => number;
};

export type RemoveTicketUserRequest = { readonly user: UserId; readonly ticketUser: TicketUserId };

export type RemoveTicketUserAnswer =
  | { readonly kind: 'removed' }
  | { readonly kind: 'refused'; readonly code: AccountRefusalCode };

/** Rejects as `submit` does. */
export const removeTicketUser = async (
  deps: RemoveTicketUserDeps,
  { user, ticketUser }: RemoveTicketUserRequest,
  context: CommandContext,
): Promise<RemoveTicketUserAnswer> => {
  const command = { type: 'RemoveTicketUser', user, ticketUser, nowMs: deps.nowMs() } as const;
  const outcome = await deps.account(user).submit(command, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'removed' };
};
