/**
 * The independent auditor. It reads the log by a description of its own and shares nothing with what decides: not a
 * rule, not a constant, not a type.
 */
export type { Balance } from './books.ts';
export type { Violation } from './findings.ts';
export { type AuditedLog, createLogAudit } from './log-audit.ts';
export { isRefunded, type OrderInLog } from './orders.ts';
export type { Stock } from './places.ts';
export type { Audited } from './program-audit.ts';
export { type Log, readProgramLog } from './read-log.ts';
export type { StillAlive } from './sale-events.ts';
export type { Place } from './stored-format.ts';
export { createTallies } from './tallies.ts';
export { invariants, type ViolationCode } from './violations.ts';
