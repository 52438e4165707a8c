/**
 * What an append may do: the rules of expected revisions and of idempotence, over a stream's row and the ids
 * of its events. Nothing here writes.
 */
import { isSoftDeleted, type StreamRow } from './stream-row.ts';

/** A revision (the number of the stream's last event), or one of the contract's three words. */
export type ExpectedRevision = number | 'any' | 'no_stream' | 'stream_exists';

export type ProposedEvent = {
  /** 16 bytes; undefined when the caller sent none or no valid one. */
  readonly id: Buffer | undefined;
  readonly type: string;
  readonly contentType: string;
  readonly metadata: Buffer;
  readonly data: Buffer;
};

export type IdentifiedEvent = ProposedEvent & { readonly id: Buffer };

/** What was asked for and cannot be. Each kind has one answer in the contract. */
export type Refusal =
  | {
      readonly kind: 'wrong_expected_revision';
      readonly expected: ExpectedRevision;
      readonly current: number;
    }
  | { readonly kind: 'stream_deleted' }
  | { readonly kind: 'too_large'; readonly maxAppendBytes: number }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'invalid'; readonly message: string };

export type AppendDecision =
  | Refusal
  | { readonly kind: 'write' }
  | { readonly kind: 'already_written'; readonly lastRevision: number };

/** The ids of a stream's stored events; undefined where there is no such event. */
export type EventIdAt = (revision: number) => Buffer | undefined;

/** Where events with these ids were written lately, for appends with no revision to find them by. */
export type RecentRevision = (eventId: Buffer) => number | undefined;

export const decideAppend = (
  row: StreamRow | undefined,
  expected: ExpectedRevision,
  events: readonly IdentifiedEvent[],
  eventIdAt: EventIdAt,
  recentRevision: RecentRevision,
): AppendDecision => {
  if (row?.tombstoned) return { kind: 'stream_deleted' };
  const current = row?.lastRevision ?? -1;
  const wrong: Refusal = { kind: 'wrong_expected_revision', expected, current };
  const softDeleted = row !== undefined && isSoftDeleted(row);

  if (expected === 'stream_exists') {
    if (softDeleted) return { kind: 'stream_deleted' };
    if (current < 0 && !row?.hasMetadata) return wrong;
  }
  if (expected === 'any' || expected === 'stream_exists') {
    return decideByRecentIds(events, eventIdAt, recentRevision);
  }
  const asked = expected === 'no_stream' ? -1 : expected;
  if (asked === current) return { kind: 'write' };
  if (asked < current && events.length > 0 && isStoredFrom(asked + 1, events, eventIdAt)) {
    return { kind: 'already_written', lastRevision: asked + events.length };
  }
  return expected === 'no_stream' && softDeleted ? { kind: 'write' } : wrong;
};

/** Best effort, as on the real server: an append is recognised only while its ids are remembered. */
const decideByRecentIds = (
  events: readonly IdentifiedEvent[],
  eventIdAt: EventIdAt,
  recentRevision: RecentRevision,
): AppendDecision => {
  const first = events[0];
  const revision = first === undefined ? undefined : recentRevision(first.id);
  if (revision === undefined || !isStoredFrom(revision, events, eventIdAt)) return { kind: 'write' };
  return { kind: 'already_written', lastRevision: revision + events.length - 1 };
};

const isStoredFrom = (first: number, events: readonly IdentifiedEvent[], eventIdAt: EventIdAt): boolean =>
  events.every((event, index) => eventIdAt(first + index)?.equals(event.id) === true);

/** What the contract counts against the size of an append, in bytes. */
export const sizeOf = (event: ProposedEvent): number =>
  event.data.length + event.metadata.length + 2 * event.type.length;
