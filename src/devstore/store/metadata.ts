/** Stream metadata: `$metadata` events in `$$stream`, and the part of them that bounds reads. */
import { randomBytes } from 'node:crypto';
import type { IdentifiedEvent } from './append.ts';
import { SOFT_DELETED, type StreamRow } from './stream-row.ts';

export const METADATA_TYPE = '$metadata';
const METASTREAM_PREFIX = '$$';

export const isMetastream = (stream: string): boolean => stream.startsWith(METASTREAM_PREFIX);
export const originalOf = (metastream: string): string => metastream.slice(METASTREAM_PREFIX.length);

/** The row with the bounds that the newest metadata names. Metadata that is not JSON bounds nothing. */
export const changedMetadata = (row: StreamRow, data: Buffer): StreamRow => {
  const metadata = parse(data);
  return {
    ...row,
    hasMetadata: true,
    truncateBefore: numberOr(metadata['$tb'], 0),
    maxCount: positiveOrNull(metadata['$maxCount']),
    maxAgeSeconds: positiveOrNull(metadata['$maxAge']),
  };
};

export const softDelete = (current: Buffer | undefined): IdentifiedEvent =>
  metadataEvent(current, SOFT_DELETED_TEXT);

/** A stream written again after a soft delete starts at its next revision. */
export const undelete = (current: Buffer | undefined, nextRevision: number): IdentifiedEvent =>
  metadataEvent(current, String(nextRevision));

/** 2^63 - 1 is no double, so it is put into the JSON as text. */
const SOFT_DELETED_TEXT = '9223372036854775807';

const metadataEvent = (current: Buffer | undefined, truncateBefore: string): IdentifiedEvent => {
  const { $tb: _, ...others } = current === undefined ? {} : parse(current);
  const rest = JSON.stringify(others).slice(1);
  const json = `{"$tb":${truncateBefore}${rest === '}' ? '' : ','}${rest}`;
  return {
    id: randomBytes(16),
    type: METADATA_TYPE,
    contentType: 'application/json',
    metadata: Buffer.alloc(0),
    data: Buffer.from(json),
  };
};

const parse = (data: Buffer): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(data.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

const numberOr = (value: unknown, otherwise: number): number =>
  isWhole(value) && value >= 0 ? Math.min(value, SOFT_DELETED) : otherwise;

const positiveOrNull = (value: unknown): number | null => (isWhole(value) && value > 0 ? value : null);

const isWhole = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value);
