/**
 * One group of writes in one LMDB transaction: streams' rows are changed here first and reach the shared
 * cache only when the disk has them.
 */
import {
  decideAppend,
  type ExpectedRevision,
  type IdentifiedEvent,
  type RecentRevision,
  type Refusal,
} from './append.ts';
import {
  encodeLastStreamId,
  eventOf,
  indexKey,
  type Log,
  NEXT_STREAM_ID_KEY,
  positionKey,
  rowOf,
  streamKey,
  witnessKey,
} from './log.ts';
import {
  changedMetadata,
  isMetastream,
  METADATA_TYPE,
  originalOf,
  softDelete,
  undelete,
} from './metadata.ts';
import { dataOf, encodeRecord, eventIdOf, TOMBSTONE } from './record.ts';
import {
  encodeStreamRow,
  firstReadableRevision,
  isSoftDeleted,
  newStreamRow,
  type StreamRow,
} from './stream-row.ts';

export type Written = {
  readonly kind: 'written';
  /** Revision of the stream's last event; -1 while it has none. */
  readonly revision: number;
  /** Position of the last event written, or undefined when nothing was. */
  readonly position: number | undefined;
};

export type WriteOutcome = Written | Refusal;

export type Transaction = {
  readonly log: Log;
  readonly nowMs: number;
  readonly recentRevision: (stream: string) => RecentRevision;
  readonly rows: Map<string, StreamRow>;
  endPosition: number;
  nextStreamId: number;
};

export const beginTransaction = (
  log: Log,
  nowMs: number,
  recentRevision: Transaction['recentRevision'],
): Transaction => ({
  log,
  nowMs,
  recentRevision,
  rows: new Map(),
  endPosition: log.endPosition,
  nextStreamId: log.nextStreamId,
});

/** Stores what was decided beside the events themselves. Runs inside the LMDB transaction. */
export const flushRows = (transaction: Transaction): void => {
  const { streams } = transaction.log.tables;
  for (const [stream, row] of transaction.rows) {
    streams.putSync(streamKey(stream), encodeStreamRow(row, stream));
    if (row.id >= transaction.log.nextStreamId) streams.putSync(witnessKey(stream), Buffer.alloc(1));
  }
  if (transaction.nextStreamId === transaction.log.nextStreamId) return;
  streams.putSync(NEXT_STREAM_ID_KEY, encodeLastStreamId(transaction.nextStreamId - 1));
};

const currentRow = (transaction: Transaction, stream: string): StreamRow | undefined =>
  transaction.rows.get(stream) ?? rowOf(transaction.log, stream);

const rowToWrite = (transaction: Transaction, stream: string): StreamRow =>
  currentRow(transaction, stream) ?? newStreamRow(transaction.nextStreamId++);

export const append = (
  transaction: Transaction,
  stream: string,
  expected: ExpectedRevision,
  events: readonly IdentifiedEvent[],
): WriteOutcome => {
  if (isMetastream(stream) && currentRow(transaction, originalOf(stream))?.tombstoned) {
    return { kind: 'stream_deleted' };
  }
  const row = currentRow(transaction, stream);
  const eventIdAt = (revision: number): Buffer | undefined => {
    if (row === undefined || revision > row.lastRevision) return undefined;
    return eventIdOf(eventOf(transaction.log, stream, row, revision));
  };
  const decision = decideAppend(row, expected, events, eventIdAt, transaction.recentRevision(stream));
  if (decision.kind === 'already_written') {
    const revision = decision.lastRevision;
    const position = row && eventOf(transaction.log, stream, row, revision).position;
    return { kind: 'written', revision, position };
  }
  if (decision.kind !== 'write') return decision;
  if (events.length === 0) return { kind: 'written', revision: row?.lastRevision ?? -1, position: undefined };
  if (row !== undefined && isSoftDeleted(row)) {
    writeMetadata(transaction, stream, undelete(lastMetadata(transaction, stream), row.lastRevision + 1));
  }
  return writeEvents(transaction, stream, events);
};

/** Soft delete: `$tb` at its end. The stream reads as missing, and appends go on from its last revision. */
export const deleteStream = (
  transaction: Transaction,
  stream: string,
  expected: ExpectedRevision,
): WriteOutcome => {
  const row = currentRow(transaction, stream);
  const refusal = refuseDelete(row, expected);
  if (refusal !== undefined) return refusal;
  if (row === undefined || row.lastRevision < 0) {
    return { kind: 'wrong_expected_revision', expected, current: -1 };
  }
  return writeMetadata(transaction, stream, softDelete(lastMetadata(transaction, stream)));
};

/** Hard delete: the name can never be written again. */
export const tombstoneStream = (
  transaction: Transaction,
  stream: string,
  expected: ExpectedRevision,
  eventId: Buffer,
): WriteOutcome => {
  const refusal = refuseDelete(currentRow(transaction, stream), expected);
  if (refusal !== undefined) return refusal;
  const row = rowToWrite(transaction, stream);
  const data = Buffer.alloc(0);
  const event = {
    id: eventId,
    type: '$streamDeleted',
    contentType: 'application/octet-stream',
    metadata: data,
    data,
  };
  const position = putRecord(transaction, stream, event, TOMBSTONE);
  transaction.rows.set(stream, { ...row, tombstoned: true });
  return { kind: 'written', revision: row.lastRevision, position };
};

const refuseDelete = (row: StreamRow | undefined, expected: ExpectedRevision): Refusal | undefined => {
  const decision = decideAppend(
    row,
    expected,
    [],
    () => undefined,
    () => undefined,
  );
  return decision.kind === 'write' || decision.kind === 'already_written' ? undefined : decision;
};

const writeEvents = (
  transaction: Transaction,
  stream: string,
  events: readonly IdentifiedEvent[],
): Written => {
  const row = rowToWrite(transaction, stream);
  let revision = row.lastRevision;
  let position: number | undefined;
  for (const event of events) {
    revision++;
    position = putRecord(transaction, stream, event, revision);
    transaction.log.tables.index.putSync(indexKey(row.id, revision), positionKey(position));
  }
  transaction.rows.set(stream, { ...row, lastRevision: revision });
  const last = events.at(-1);
  if (last !== undefined && isMetastream(stream) && last.type === METADATA_TYPE) {
    const original = originalOf(stream);
    transaction.rows.set(original, changedMetadata(rowToWrite(transaction, original), last.data));
  }
  return { kind: 'written', revision, position };
};

const putRecord = (
  transaction: Transaction,
  stream: string,
  event: IdentifiedEvent,
  revision: number,
): number => {
  const position = transaction.endPosition;
  const createdMs = transaction.nowMs;
  const record = encodeRecord({ event, stream: Buffer.from(stream), revision, position, createdMs });
  // Positions only grow, so pages are filled to the brim instead of being split in half.
  transaction.log.tables.records.putSync(positionKey(position), record, { append: true });
  transaction.endPosition += record.length;
  return position;
};

const writeMetadata = (transaction: Transaction, stream: string, event: IdentifiedEvent): Written =>
  writeEvents(transaction, `$$${stream}`, [event]);

const lastMetadata = (transaction: Transaction, stream: string): Buffer | undefined => {
  const metastream = `$$${stream}`;
  const row = currentRow(transaction, metastream);
  if (row === undefined || row.lastRevision < firstReadableRevision(row)) return undefined;
  return dataOf(eventOf(transaction.log, metastream, row, row.lastRevision));
};
