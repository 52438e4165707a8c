/**
 * From events to what the client appends. Apart from appending itself, because a batch is decided by its size
 * in bytes before it is sent, and an event that is appended again after a conflict need not be encoded again.
 */
import type { EventData, JSONType } from '@eventstore/db-client';
import type { Codec } from './codec.ts';
import { deriveEventId } from './event-id.ts';
import { type EventContext, encodeMetadata, traceCarrier } from './metadata.ts';
import type { StreamName } from './names.ts';

export type EncodedEvent = {
  /** For the client; do not change it, it is sent again on a retry. */
  readonly proposed: EventData;
  /** What the server counts against its limits: data + metadata + 2 × type. */
  readonly sizeBytes: number;
};

export type NewEvent = { readonly type: string; readonly data: unknown };

/**
 * Encodes the events that one cause appends to one stream, in order. `firstIndex` is for a cause whose events
 * in a stream are encoded in several calls: its place among them, from 0. `idSeed` stands in for the cause in
 * the ids, for events that a repetition of the cause might decide otherwise. Throws when data is not storable
 * as JSON.
 */
export function encodeEvents<Event extends NewEvent>(
  codec: Codec<Event>,
  stream: StreamName,
  events: readonly NoInfer<Event>[],
  context: EventContext,
  firstIndex = 0,
  idSeed = context.causationId,
): EncodedEvent[] {
  const carrier = traceCarrier();
  let metadata: Uint8Array = new Uint8Array();
  let metadataVersion = 0;
  return events.map((event, offset) => {
    const version = codec.versionOf(event.type);
    if (version !== metadataVersion) metadata = encodeMetadata(context, version, carrier);
    metadataVersion = version;
    const dataBytes = jsonSizeBytes(event);
    const proposed: EventData = {
      id: deriveEventId(stream, idSeed, firstIndex + offset),
      contentType: 'application/json',
      type: event.type,
      // Checked by jsonSizeBytes: what is neither object, array nor text never gets here.
      data: event.data as JSONType,
      metadata,
    };
    const sizeBytes = dataBytes + metadata.byteLength + 2 * event.type.length;
    return { proposed, sizeBytes };
  });
}

/**
 * The client serializes the data itself, once per attempt, inside a promise whose rejection nobody can catch.
 * So it is done here first: for the size, and for failing where a caller sees it.
 */
function jsonSizeBytes(event: NewEvent): number {
  const { type, data } = event;
  if (typeof data !== 'string' && (typeof data !== 'object' || data === null)) {
    throw new TypeError(`${type} must have an object, a list or a text as data.`);
  }
  try {
    return Buffer.byteLength(JSON.stringify(data));
  } catch (cause) {
    throw new TypeError(`The data of ${type} cannot be stored as JSON.`, { cause });
  }
}

export const totalSizeBytes = (events: readonly EncodedEvent[]): number =>
  events.reduce((sum, event) => sum + event.sizeBytes, 0);
