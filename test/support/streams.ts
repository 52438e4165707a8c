/**
 * The small vocabulary of the event store tests: unique names, simple events, whole reads. Names are unique per
 * run, so that the contract can be checked again and again against a server that keeps its data.
 */
import { randomUUID } from 'node:crypto';
import {
  type AllStreamResolvedEvent,
  type EventData,
  type EventStoreDBClient,
  jsonEvent,
  type Position,
  type ReadStreamOptions,
  type RecordedEvent,
  type ResolvedEvent,
  type StreamingRead,
} from '@eventstore/db-client';

export const uniqueName = (prefix = 'Contract'): string => `${prefix}-${randomUUID()}`;

export const uniqueId = (): string => randomUUID();

/** JSON events numbered from `from`, so that order and completeness can be checked by `numbersOf`. */
export function numberedEvents(count: number, type = 'Numbered', from = 0): EventData[] {
  return Array.from({ length: count }, (_, index) => jsonEvent({ type, data: { number: from + index } }));
}

/** The event of a read result; a test fails here when there is only a link. */
export function eventOf(resolved: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent {
  if (!resolved.event) throw new Error('The server sent an entry without an event.');
  return resolved.event;
}

export function numbersOf(resolved: readonly (ResolvedEvent | AllStreamResolvedEvent)[]): number[] {
  return resolved.map((entry) => {
    const data: unknown = eventOf(entry).data;
    if (typeof data === 'object' && data !== null && 'number' in data) return Number(data.number);
    throw new Error(`Not a numbered event: ${JSON.stringify(data)}`);
  });
}

export const revisionsOf = (resolved: readonly ResolvedEvent[]): bigint[] =>
  resolved.map((entry) => eventOf(entry).revision);

/** The position that a server must always give; a test fails here when it is missing. */
export function positionOf(holder: { readonly position?: Position | undefined }): Position {
  if (!holder.position) throw new Error('The server gave no position.');
  return holder.position;
}

/** Reads to the end and frees the call. */
export async function collect<E>(read: StreamingRead<E>): Promise<E[]> {
  const events: E[] = [];
  try {
    for await (const event of read) events.push(event);
  } finally {
    await read.cancel();
  }
  return events;
}

export const readWhole = (
  client: EventStoreDBClient,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<ResolvedEvent[]> => collect(client.readStream(stream, options));

/** What `work` rejects with; a test fails here when it does not reject. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error(`Rejected with something that is no Error: ${String(error)}`);
  }
  throw new Error('This should have been refused, and it succeeded.');
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
