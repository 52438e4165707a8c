/** Records a look into the log before it is answered: what cannot be recorded is not answered. */
import {
  type AuditRead,
  type AuditTrailCommand,
  type AuditTrailOutcome,
  type AuditTrailState,
  auditTrailStream,
} from '../domain/audit-trail/index.ts';
import type { UserId } from '../domain/shared/ids.ts';
import type { CommandContext } from './ports.ts';
import type { WarmStream } from './warm-stream.ts';

export type RecordAuditReadDeps = {
  /** By the name of the stream. */
  readonly trail: (
    stream: string,
  ) => Pick<WarmStream<AuditTrailCommand, AuditTrailState, AuditTrailOutcome>, 'submit'>;
  readonly nowMs: () => number;
};

/** Resolves when the read is durable. Rejects with OverloadedError, or with what the log rejects with. */
export const recordAuditRead = async (
  { trail, nowMs }: RecordAuditReadDeps,
  operator: UserId,
  read: Omit<AuditRead, 'readAtMs'>,
  context: CommandContext,
): Promise<void> => {
  const readAtMs = nowMs();
  const stream = auditTrailStream(operator, readAtMs);
  await trail(stream).submit({ type: 'RecordAuditRead', read: { ...read, readAtMs } }, context);
};
