/** What an append must bring before anything is decided: a stream, and events with ids, types and a bounded size. */
import type { ExpectedRevision, IdentifiedEvent, ProposedEvent, Refusal } from '../store/append.ts';

export type AcceptedAppend = {
  readonly kind: 'accepted';
  readonly expected: ExpectedRevision;
  readonly events: readonly IdentifiedEvent[];
};

/** The append with all that it must bring known to be there, or why it is refused. */
export const checkAppend = (
  stream: string,
  expected: ExpectedRevision | undefined,
  events: readonly ProposedEvent[],
  bytes: number,
  maxAppendBytes: number,
): AcceptedAppend | Refusal => {
  if (stream === '') return { kind: 'invalid', message: 'an append needs a stream name' };
  if (stream === '$all') return { kind: 'invalid', message: "'$all' cannot be appended to" };
  if (expected === undefined) return { kind: 'invalid', message: 'an append needs an expected revision' };
  if (bytes > maxAppendBytes) return { kind: 'too_large', maxAppendBytes };
  const identified: IdentifiedEvent[] = [];
  for (const event of events) {
    if (event.id === undefined) return { kind: 'invalid', message: 'an event needs an id that is a UUID' };
    if (event.type === '') return { kind: 'invalid', message: 'an event needs a type' };
    identified.push(event as IdentifiedEvent);
  }
  return { kind: 'accepted', expected, events: identified };
};
