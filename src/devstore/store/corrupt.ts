/** The one error of a store that is not what was written to it. */

/** A record that is missing, damaged or not the one its index promised. It is never served. */
export class CorruptRecordError extends Error {
  override readonly name = 'CorruptRecordError';
}
