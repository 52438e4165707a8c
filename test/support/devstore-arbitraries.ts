/** Random values of the kinds that devstore's codecs carry: ids, names in any script, bytes, whole events. */
import fc from 'fast-check';
import type { IdentifiedEvent } from '../../src/devstore/store/append.ts';

export const arbitraryBytes = (maxLength = 300): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));

/** The 16 bytes of an id. */
export const arbitraryId: fc.Arbitrary<Buffer> = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Buffer.from(bytes));

/** A stream's name or an event's type: plain, or of any characters there are. */
export const arbitraryName: fc.Arbitrary<string> = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }),
  fc.constantFrom('$$Sale-1', 'Größe-Ω', '座席-42', '🎟️-1'),
);

export const arbitraryEvent: fc.Arbitrary<IdentifiedEvent> = fc.record({
  id: arbitraryId,
  type: arbitraryName,
  contentType: fc.constantFrom('application/json', 'application/octet-stream', ''),
  metadata: arbitraryBytes(),
  data: arbitraryBytes(),
});

/** A revision or position, small ones more often; all that a store can reach. */
export const arbitraryNumber: fc.Arbitrary<number> = fc.oneof(
  fc.nat({ max: 300 }),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
);
