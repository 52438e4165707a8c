/** Every read is recorded, a repeated one too: each gave an answer. */
import type { Decision } from '../shared/decider.ts';
import type { AuditTrailCommand, AuditTrailOutcome } from './commands.ts';
import type { AuditTrailEvent } from './events.ts';

export const decide = ({ read }: AuditTrailCommand): Decision<AuditTrailEvent, AuditTrailOutcome> => ({
  outcome: { kind: 'recorded' },
  events: [{ type: 'AuditRead', data: read }],
});
