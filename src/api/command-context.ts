/** Who asks for a command and why, for the metadata of its events. */
import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../commands/ports.ts';
import type { Call, Identity } from './endpoint.ts';

export const contextOf = ({
  identity,
  correlationId,
}: Pick<Call, 'correlationId'> & { readonly identity: Identity }): CommandContext => ({
  commandId: randomUUID(),
  correlationId,
  actor: identity.userId,
});
