/** What an append must bring before anything is decided: a stream, and events with ids, types and a bounded size. */
import type { IdentifiedEvent, ProposedEvent, Refusal } from '../store/append.ts';

/** The events with their ids known to be there, or why the append is refused. */
export const checkAppend = (
  stream: string,
  events: readonly ProposedEvent[],
  bytes: number,
  maxAppendBytes: number,
): { readonly kind: 'accepted'; readonly events: readonly IdentifiedEvent[] } | Refusal => {
  if (stream === '') return { kind: 'invalid', message: 'an append needs a stream name' };
  if (stream === '$all') return { kind: 'invalid', message: "'$all' cannot be appended to" };
  if (bytes > maxAppendBytes) return { kind: 'too_large', maxAppendBytes };
  const identified: IdentifiedEvent[] = [];
  for (const event of events) {
    if (event.id === undefined) return { kind: 'invalid', message: 'an event needs an id that is a UUID' };
    if (event.type === '') return { kind: 'invalid', message: 'an event needs a type' };
    identified.push(event as IdentifiedEvent);
  }
  return { kind: 'accepted', events: identified };
};
