import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  logPositionSchema,
  MAX_SKIPS,
  type ProjectionEvent,
  projectionDecider,
  projectionEventSpecs,
  projectionNameSchema,
  projectionOfStream,
  projectionStream,
  type SkipEvent,
} from '../../../src/domain/projection/index.ts';
import { specificationOf, stateAfter } from '../../support/given.ts';
import { holds } from '../../support/properties.ts';

const given = specificationOf(projectionDecider);
const projection = projectionNameSchema.parse('orders');
const position = logPositionSchema.parse('4242');
const event = { position, stream: 'Sale-p', revision: '7', type: 'OrderPaid', error: 'a row is there' };
const skip: SkipEvent = { type: 'SkipEvent', projection, event, reason: 'a test order', nowMs: 5 };
const skipped: ProjectionEvent = {
  type: 'ProjectionEventSkipped',
  data: { projection, ...event, reason: 'a test order', skippedAtMs: 5 },
};
const build = { store: 'sql', build: 2, position } as const;
const [swapId, otherSwapId] = [
  '018f4d2c-6c1e-4a11-9b0f-3a52c1b7a001',
  '018f4d2c-6c1e-4a11-9b0f-3a52c1b7a002',
];
const rebuilt = { ...build, swapId, version: 1, digest: 'd', differences: 3 };
const recordRebuild = { type: 'RecordRebuild', projection, rebuilt, nowMs: 6 } as const;
const wasRebuilt: ProjectionEvent = {
  type: 'ProjectionRebuilt',
  data: { projection, ...rebuilt, rebuiltAtMs: 6 },
};
const rolledBack = { ...build, swapId: otherSwapId };
const recordRollback = { type: 'RecordRollback', projection, rolledBack, nowMs: 7 } as const;
const wasRolledBack: ProjectionEvent = {
  type: 'ProjectionRolledBack',
  data: { projection, ...rolledBack, rolledBackAtMs: 7 },
};

describe('skipping an event', () => {
  test('says which, where it stood, why it failed, and why it may be left out', () => {
    given().when(skip).then({ kind: 'skipped' }, [skipped]);
  });

  test('a second time changes nothing, whatever the reason and the time', () => {
    given(skipped)
      .when({ ...skip, reason: 'another', nowMs: 9, event: { ...event, error: 'another' } })
      .then({ kind: 'skipped' });
  });

  test('is refused where another event was skipped at that position', () => {
    for (const other of [{ stream: 'Sale-q' }, { revision: '8' }, { type: 'OrderPlaced' }]) {
      given(skipped)
        .when({ ...skip, event: { ...event, ...other } })
        .then({ kind: 'refused', code: 'skip_differs' });
    }
  });

  test('has a bound, and what is skipped already stays skipped', () => {
    const history = Array.from({ length: MAX_SKIPS }, (_, index): ProjectionEvent => {
      const data = { ...skipped.data, position: logPositionSchema.parse(String(index)) };
      return { ...skipped, data } as ProjectionEvent;
    });
    given(...history)
      .when(skip)
      .then({ kind: 'refused', code: 'too_many_skips' });
    const first = logPositionSchema.parse('0');
    given(...history)
      .when({ ...skip, event: { ...event, position: first } })
      .then({ kind: 'skipped' });
  });
});

describe('what was swapped in', () => {
  test('is recorded, and once', () => {
    given().when(recordRebuild).then({ kind: 'recorded' }, [wasRebuilt]);
    given(wasRebuilt)
      .when({ ...recordRebuild, nowMs: 60 })
      .then({ kind: 'recorded' });
    given(wasRebuilt).when(recordRollback).then({ kind: 'recorded' }, [wasRolledBack]);
    given(wasRebuilt, wasRolledBack)
      .when({ ...recordRollback, nowMs: 70 })
      .then({ kind: 'recorded' });
  });

  test('is recorded once, whatever was recorded in between', () => {
    given(wasRebuilt, wasRolledBack).when(recordRebuild).then({ kind: 'recorded' });
  });

  test('is recorded beside another swap that looks the same', () => {
    const again = { ...rebuilt, swapId: otherSwapId };
    const data = { projection, ...again, rebuiltAtMs: 6 };
    given(wasRebuilt)
      .when({ ...recordRebuild, rebuilt: again })
      .then({ kind: 'recorded' }, [{ type: 'ProjectionRebuilt', data }]);
  });

  test('is recorded also where the first release has recorded the like, without an id', () => {
    const { swapId: _, ...first } = rebuilt;
    given({ type: 'ProjectionRebuilt', data: { projection, ...first, rebuiltAtMs: 6 } })
      .when(recordRebuild)
      .then({ kind: 'recorded' }, [wasRebuilt]);
  });

  test('does not forget what was skipped', () => {
    given(skipped, wasRebuilt, wasRolledBack).when(skip).then({ kind: 'skipped' });
  });
});

test('Whatever is asked in whatever order, no position is skipped twice', () => {
  const positions = fc.array(fc.record({ position: fc.nat(5), revision: fc.nat(1) }));
  holds(
    fc.property(positions, (asked) => {
      const events: ProjectionEvent[] = [];
      for (const { position: at, revision } of asked) {
        const place = { position: logPositionSchema.parse(String(at)), revision: String(revision) };
        const command = { ...skip, event: { ...event, ...place } };
        events.push(...projectionDecider.decide(command, stateAfter(projectionDecider, events)).events);
      }
      const skips = events.map(({ data }) => data.position);
      expect(new Set(skips).size).toBe(skips.length);
      expect(new Set(skips)).toEqual(new Set(asked.map(({ position: at }) => String(at))));
    }),
  );
});

describe('the stored form', () => {
  const [spec] = projectionEventSpecs;

  test('is refused where a reason is missing or a position is no number', () => {
    expect(spec.schema.safeParse(skipped.data).success).toBe(true);
    expect(spec.schema.safeParse({ ...skipped.data, reason: ' ' }).success).toBe(false);
    expect(spec.schema.safeParse({ ...skipped.data, position: '-1' }).success).toBe(false);
    expect(spec.schema.safeParse({ ...skipped.data, projection: 'no-such' }).success).toBe(false);
  });

  test('is in a stream that names its read model', () => {
    expect(projectionStream(projection)).toBe('Projection-orders');
    expect(projectionOfStream('Projection-order_events')).toBe('order_events');
    expect(projectionOfStream('Program-orders')).toBeUndefined();
  });
});
