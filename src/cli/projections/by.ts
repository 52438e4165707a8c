/** Who acts, for the log. */
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError } from 'commander';
import type { CommandContext } from '../../commands/ports.ts';
import { userIdSchema } from '../../domain/shared/ids.ts';

/** Where nobody is named: never the user of the machine, whose name may be a person's. */
export const DEFAULT_ACTOR = 'cli';

export const BY_OPTION = [
  '--by <user>',
  'who decides this, for the log: a user id',
  actor,
  DEFAULT_ACTOR,
] as const;

function actor(text: string): string {
  const parsed = userIdSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('must be 1 to 48 letters, digits or dashes.');
}

export const contextOf = (by: string): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, actor: by };
};
