/**
 * Event ids that depend only on what the event is: the stream, what caused it and its place among the events
 * of that cause. A command that is repeated, by us or by a client, therefore proposes the same ids again, and
 * the server recognizes the repetition.
 */
import { hash } from 'node:crypto';
import type { EventId, StreamName } from './names.ts';

/** Set apart from all other name-based ids; changing it breaks the recognition of repeated commands. */
const NAMESPACE = 'seatlog/event-id/1';

/**
 * `causationId` is the id of the command (or event) that causes the events; `index` counts its events in this
 * stream from 0. The answer is a UUID of version 5 (SHA-1): the client refuses to read later versions in
 * binary form.
 */
export function deriveEventId(stream: StreamName, causationId: string, index: number): EventId {
  const name = `${NAMESPACE}/${stream.length}/${stream}/${causationId.length}/${causationId}/${index}`;
  const hex = hash('sha1', name, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return groups.join('-') as EventId;
}
