/** What an append must bring before anything is decided; each refusal says what is missing. */
import { expect, it } from 'vitest';
import type { ProposedEvent } from '../../../src/devstore/store/append.ts';
import { checkAppend } from '../../../src/devstore/streams/proposed.ts';

const MAX_APPEND_BYTES = 100;
const EVENT: ProposedEvent = {
  id: Buffer.alloc(16, 1),
  type: 'Tested',
  contentType: 'application/json',
  metadata: Buffer.alloc(0),
  data: Buffer.alloc(0),
};

it('accepts an append with a stream, an expected revision, ids and types, up to its limit', () => {
  expect(checkAppend('Sale-1', 'any', [EVENT], MAX_APPEND_BYTES, MAX_APPEND_BYTES)).toEqual({
    kind: 'accepted',
    expected: 'any',
    events: [EVENT],
  });
});

it.each([
  ['a stream name', '', 'any', EVENT],
  ["'$all' cannot", '$all', 'any', EVENT],
  ['an expected revision', 'Sale-1', undefined, EVENT],
  ['an id that is a UUID', 'Sale-1', 'any', { ...EVENT, id: undefined }],
  ['a type', 'Sale-1', 'any', { ...EVENT, type: '' }],
] as const)('refuses an append that breaks the rule of %s', (rule, stream, expected, event) => {
  expect(checkAppend(stream, expected, [event], 1, MAX_APPEND_BYTES)).toEqual({
    kind: 'invalid',
    message: expect.stringContaining(rule),
  });
});

it('refuses an append one byte over the limit, and says the limit', () => {
  expect(checkAppend('Sale-1', 'any', [EVENT], MAX_APPEND_BYTES + 1, MAX_APPEND_BYTES)).toEqual({
    kind: 'too_large',
    maxAppendBytes: MAX_APPEND_BYTES,
  });
});
