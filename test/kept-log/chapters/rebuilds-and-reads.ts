/** What operators leave in the log: decisions about read models, and that they looked. */
import { auditTrailStream } from '../../../src/domain/audit-trail/index.ts';
import { logPositionSchema, projectionNameSchema } from '../../../src/domain/projection/index.ts';
import { userIdSchema } from '../../../src/domain/shared/ids.ts';
import type { Teller } from '../teller.ts';
import { voicesOf } from '../voices.ts';
import { SWAN_LAKE } from './swan-lake.ts';

const at = (position: number) => logPositionSchema.parse(String(position));

export function tellRebuildsAndReads(teller: Teller): void {
  const { nowMs, digest } = teller;
  const voices = voicesOf(teller);
  const projection = projectionNameSchema.parse('orders');
  const event = { stream: `Sale-${SWAN_LAKE}`, revision: '4', type: 'HoldExpired', error: 'out of memory' };
  const reason = 'Told by hand: the hold was not shown anywhere.';
  const skipped = { ...event, position: at(29) };
  voices.projection({ type: 'SkipEvent', projection, nowMs: nowMs(), event: skipped, reason });
  const built = { store: 'sql' as const, build: 2, position: at(84) };
  const certified = { version: 1, digest: digest('rows'), differences: 1 };
  const rebuilt = { ...built, ...certified };
  voices.projection({ type: 'RecordRebuild', projection, nowMs: nowMs(), rebuilt });
  const rolledBack = { ...built, build: 1 };
  voices.projection({ type: 'RecordRollback', projection, nowMs: nowMs(), rolledBack });
  const operator = userIdSchema.parse('operator-1');
  const read = { question: 'program', subject: SWAN_LAKE, unmasked: false, via: 'cli' } as const;
  const trail = auditTrailStream(operator, nowMs());
  voices.trail(trail, { type: 'RecordAuditRead', read: { ...read, readAtMs: nowMs() } });
  const order = { ...read, question: 'order', subject: '1', unmasked: true, via: 'http' } as const;
  const why = { at: '20:03', reason: 'The buyer asks.', readAtMs: nowMs() };
  voices.trail(trail, { type: 'RecordAuditRead', read: { ...order, ...why } });
}
