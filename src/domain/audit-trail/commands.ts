/** What can be asked of a trail, and what it can answer. Commands are parsed at the edge. */
import type { AuditRead } from './events.ts';

export type RecordAuditRead = { readonly type: 'RecordAuditRead'; readonly read: AuditRead };

export type AuditTrailCommand = RecordAuditRead;

export type AuditTrailOutcome = { readonly kind: 'recorded' };
