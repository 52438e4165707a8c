/** What may not happen to a log that is out there: an event that cannot be read, or reads as something else. */
import { isDeepStrictEqual } from 'node:util';
import type { Codec, StoredEvent } from '../../src/eventstore/index.ts';

const HOW = 'tell it in a chapter (test/kept-log/chapters) and run node --import tsx test/kept-log/record.ts';

/** Each a sentence; none where this codec reads the whole log, and the log has all that the codec writes. */
export function problemsOf<Event extends { readonly type: string; readonly data: unknown }>(
  codec: Codec<Event>,
  log: readonly StoredEvent[],
): string[] {
  const seen = new Set(log.map((stored) => kindOf(stored.type, versionIn(stored))));
  const lacking = codec.types
    .map((type) => kindOf(type, codec.versionOf(type)))
    .filter((kind) => !seen.has(kind))
    .map((kind) => `${kind} has no example: ${HOW}`);
  return [...log.flatMap((stored) => problemOf(codec, stored) ?? []), ...lacking];
}

function problemOf<Event extends { readonly type: string; readonly data: unknown }>(
  codec: Codec<Event>,
  stored: StoredEvent,
): string | undefined {
  const { type, stream, revision, data } = stored;
  const where = `${kindOf(type, versionIn(stored))} at ${revision}@${stream}`;
  try {
    const decoded = codec.decode(stored);
    if (decoded.kind === 'unknown') return `${where} is not known any more`;
    const isCurrent = versionIn(stored) === codec.versionOf(type);
    const isSame = !isCurrent || isDeepStrictEqual(decoded.event.data, data);
    return isSame ? undefined : `${where} reads as something else than is stored`;
  } catch (error) {
    return `${where} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const kindOf = (type: string, version: number): string => `${type} version ${version}`;

const versionIn = ({ metadata }: StoredEvent): number =>
  Number((metadata as { readonly schemaVersion?: unknown }).schemaVersion);
