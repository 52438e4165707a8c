/**
 * Ids of events decide what the server takes for a repetition: equal for the same event, different for any
 * other.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveEventId, type StreamName, streamName } from '../../src/eventstore/index.ts';
import { categoryOf } from '../../src/eventstore/names.ts';
import { holds } from '../support/properties.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const anyName = fc.tuple(fc.string(), fc.string(), fc.nat(1_000));
const idOf = ([stream, cause, index]: [string, string, number]) =>
  deriveEventId(stream as StreamName, cause, index);

describe('The id of an event', () => {
  it('is a UUID, and the same for the same stream, cause and index', () => {
    holds(
      fc.property(anyName, (name) => {
        expect(idOf(name)).toMatch(UUID);
        expect(idOf([...name])).toBe(idOf(name));
      }),
    );
  });

  it('differs when any of them differs, also where one ends like the other begins', () => {
    holds(
      fc.property(anyName, anyName, (one, other) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(other));
        expect(idOf(one)).not.toBe(idOf(other));
      }),
    );
    expect(idOf(['a/1/b', 'c', 0])).not.toBe(idOf(['a', 'b/1/c', 0]));
    expect(idOf(['a', 'b', 11])).not.toBe(idOf(['a', 'b1', 1]));
  });

  it('never changes between releases, or repeated commands would have two effects', () => {
    expect(deriveEventId(streamName('Sale', '42'), 'command-1', 0)).toBe(
      '3b9b6a02-6081-500f-917e-b5e87a29a376',
    );
  });
});

describe('A stream name', () => {
  it('joins its category and the parts of its id', () => {
    expect(streamName('Sale', '42')).toBe('Sale-42');
    expect(streamName('OrderQueue', '42', '7')).toBe('OrderQueue-42_7');
    expect(categoryOf('OrderQueue-42-x')).toBe('OrderQueue');
    expect(categoryOf('$all')).toBe('$all');
  });

  it('whose category has a dash, or whose id is empty, is refused', () => {
    expect(() => streamName('Sale-Old', '42')).toThrow('not a stream category');
    expect(() => streamName('Sale')).toThrow('needs an id');
    expect(() => streamName('Sale', '42', '')).toThrow('needs an id');
  });
});
