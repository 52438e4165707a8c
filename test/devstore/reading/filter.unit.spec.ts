/**
 * A filter shows what its expression names and nothing else, and says how often a reader hears of the rest.
 */
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/devstore/errors.ts';
import { type Filter, filterOf } from '../../../src/devstore/reading/filter.ts';
import type { StoredRecord } from '../../../src/devstore/store/record.ts';
import { arbitraryName } from '../../support/devstore-arbitraries.ts';
import { holds } from '../../support/properties.ts';

const { FilterOptions } = streams.ReadReq.Options;
type By = 'stream' | 'type';
type Asked = { readonly by: By; readonly regex?: string; readonly prefixes?: readonly string[] };

const filter = ({ by, regex = '', prefixes = [] }: Asked, max?: number, multiplier = 1): Filter => {
  const expression = new FilterOptions.Expression().setRegex(regex).setPrefixList([...prefixes]);
  const options = new FilterOptions().setCheckpointintervalmultiplier(multiplier);
  if (by === 'stream') options.setStreamIdentifier(expression);
  else options.setEventType(expression);
  if (max !== undefined) options.setMax(max);
  return filterOf(options);
};

const record = (stream: string, type: string): StoredRecord => ({
  stream,
  type,
  position: 0,
  nextPosition: 1,
  revision: 0,
  createdMs: 0,
  bytes: Buffer.alloc(0),
});

describe('a filter by prefixes', () => {
  it('shows what begins with one of them, by stream name or by event type', () => {
    holds(
      fc.property(
        arbitraryName,
        arbitraryName,
        fc.array(arbitraryName, { minLength: 1 }),
        (a, b, prefixes) => {
          const expected = (text: string): boolean => prefixes.some((prefix) => text.startsWith(prefix));
          expect(filter({ by: 'stream', prefixes }).matches(record(a, b))).toBe(expected(a));
          expect(filter({ by: 'type', prefixes }).matches(record(a, b))).toBe(expected(b));
          expect(filter({ by: 'stream', prefixes: [...prefixes, a] }).matches(record(a, b))).toBe(true);
        },
      ),
    );
  });

  it('compares exactly, capitals too', () => {
    expect(filter({ by: 'stream', prefixes: ['sale-'] }).matches(record('Sale-1', 'T'))).toBe(false);
  });
});

describe('a filter by regular expression', () => {
  it.each([
    ['^[^$].*', 'Sale-1', true],
    ['^[^$].*', '$metadata', false],
    ['Sale', 'PreSale-1', true],
    ['^(Sale|Hold)-\\d+$', 'Hold-12', true],
    ['^(Sale|Hold)-\\d+$', 'Hold-12x', false],
    ['^.$', '🎟', true],
  ])('%s finds in %j: %s', (regex, text, expected) => {
    expect(filter({ by: 'stream', regex }).matches(record(text, ''))).toBe(expected);
    expect(filter({ by: 'type', regex }).matches(record('', text))).toBe(expected);
  });

  it('gives the same answer each time it is asked', () => {
    const { matches } = filter({ by: 'type', regex: 'a' });
    expect([1, 2, 3].map(() => matches(record('s', 'banana')))).toEqual([true, true, true]);
  });

  it('is refused with INVALID_ARGUMENT when it is none', () => {
    const attempt = (): Filter => filter({ by: 'stream', regex: '(' });
    expect(attempt).toThrow(CallError);
    expect(attempt).toThrow(expect.objectContaining({ code: status.INVALID_ARGUMENT }));
  });
});

it('without an expression is refused with INVALID_ARGUMENT', () => {
  expect(() => filterOf(new FilterOptions())).toThrow(
    expect.objectContaining({ code: status.INVALID_ARGUMENT }),
  );
});

describe('the checkpoint interval', () => {
  it.each([
    [undefined, 1, 32],
    [undefined, 3, 96],
    [10, 2, 20],
    [0, 0, 1],
  ])('with a window of %s and a multiplier of %s is %s events', (max, multiplier, expected) => {
    expect(filter({ by: 'type', prefixes: ['T'] }, max, multiplier).checkpointInterval).toBe(expected);
  });
});
