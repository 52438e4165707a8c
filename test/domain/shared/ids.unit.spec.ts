import { describe, expect, test } from 'vitest';
import { orderNumberSchema, programIdSchema } from '../../../src/domain/shared/ids.ts';

describe('an order number', () => {
  test.each(['1', '999', '9223372036854775807'])('may be %s', (text) => {
    expect(orderNumberSchema.parse(text)).toBe(text);
  });

  test.each(['', '0', '-1', '01', '1.0', '1e3', 'p-1', '9223372036854775808', '10000000000000000000'])(
    'is refused as "%s", and nothing is thrown',
    (text) => {
      expect(orderNumberSchema.safeParse(text).success).toBe(false);
    },
  );
});

describe('an id', () => {
  test('never holds what joins ids in a stream name', () => {
    expect(programIdSchema.safeParse('a_b').success).toBe(false);
    expect(programIdSchema.safeParse('a-b').success).toBe(true);
  });
});
