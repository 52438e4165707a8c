/** A trail remembers nothing: nothing is decided on it. */
import type { AuditTrailEvent } from './events.ts';

export type AuditTrailState = { readonly kind: 'trail' };

export const initial = (): AuditTrailState => ({ kind: 'trail' });

export const evolve = (state: AuditTrailState, _event: AuditTrailEvent): AuditTrailState => state;
