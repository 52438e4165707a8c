import { describe, expect, it } from 'vitest';
import {
  auditTrailDecider,
  auditTrailEventSpecs,
  auditTrailStream,
  MAX_REASON_CHARACTERS,
  trailOfStream,
} from '../../../src/domain/audit-trail/index.ts';
import { userIdSchema } from '../../../src/domain/shared/ids.ts';

const olga = userIdSchema.parse('olga-7');
const [{ schema }] = auditTrailEventSpecs;
const read = schema.parse({
  ...{ question: 'order', subject: '42', at: '20:03', unmasked: true, reason: 'a complaint' },
  ...{ via: 'http', readAtMs: Date.UTC(2026, 10, 22, 23, 59) },
});

describe('An audit trail', () => {
  it('records every read, a repeated one too: each was answered', () => {
    const state = auditTrailDecider.initial();
    const decide = () => auditTrailDecider.decide({ type: 'RecordAuditRead', read }, state);
    const expected = { outcome: { kind: 'recorded' }, events: [{ type: 'AuditRead', data: read }] };
    expect([decide(), decide()]).toEqual([expected, expected]);
    expect(auditTrailDecider.evolve(state, { type: 'AuditRead', data: read })).toBe(state);
  });

  it('is a stream for each operator and day of UTC, whose name leads back to both', () => {
    const stream = auditTrailStream(olga, read.readAtMs);
    expect(stream).toBe('AuditTrail-olga-7_2026-11-22');
    expect(trailOfStream(stream)).toEqual({ operator: olga, day: '2026-11-22' });
    expect(auditTrailStream(olga, read.readAtMs + 60_000)).toBe('AuditTrail-olga-7_2026-11-23');
    expect(trailOfStream('AuditTrail-olga')).toBeUndefined();
    expect(trailOfStream('Sale-olga_2026-11-22')).toBeUndefined();
  });

  it('takes a reason of a bounded length, and none that is empty', () => {
    expect(schema.safeParse({ ...read, reason: 'x'.repeat(MAX_REASON_CHARACTERS + 1) }).success).toBe(false);
    expect(schema.safeParse({ ...read, reason: '  ' }).success).toBe(false);
    expect(schema.safeParse({ ...read, question: 'everything' }).success).toBe(false);
  });
});
