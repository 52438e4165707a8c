/** The audit trail: who has looked into the log, before they were answered. */
import type { Decider } from '../shared/decider.ts';
import type { AuditTrailCommand, AuditTrailOutcome } from './commands.ts';
import { decide } from './decide.ts';
import type { AuditTrailEvent } from './events.ts';
import { type AuditTrailState, evolve, initial } from './state.ts';

export type * from './commands.ts';
export * from './events.ts';
export * from './limits.ts';
export type { AuditTrailState } from './state.ts';
export * from './stream.ts';

export const auditTrailDecider: Decider<
  AuditTrailCommand,
  AuditTrailEvent,
  AuditTrailState,
  AuditTrailOutcome
> = { initial, evolve, decide };
