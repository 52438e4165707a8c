/**
 * A writer as Seatlog's own: explicit expected revisions, and after a loss the same events with the same revision
 * again. It remembers what was acknowledged, which is what a crash test holds the server to.
 */
import {
  type AppendExpectedRevision,
  type EventData,
  type EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type ResolvedEvent,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { expect } from 'vitest';
import type { Random } from './random.ts';
import { eventOf, readWhole } from './streams.ts';

const MAX_BATCH = 5;
const APPEND_TIMEOUT_MS = 10_000;

export type Writer = {
  readonly stream: string;
  /** The ids of all acknowledged events; the index is the revision. */
  readonly acknowledged: string[];
  pending: EventData[];
};

export const newWriter = (stream: string): Writer => ({ stream, acknowledged: [], pending: [] });

const expectedRevision = ({ acknowledged }: Writer): AppendExpectedRevision =>
  acknowledged.length === 0 ? NO_STREAM : BigInt(acknowledged.length - 1);

async function appendPending(client: EventStoreDBClient, writer: Writer): Promise<void> {
  const options = { expectedRevision: expectedRevision(writer) };
  const result = await bounded(client.appendToStream(writer.stream, writer.pending, options));
  writer.acknowledged.push(...writer.pending.map((event) => event.id));
  writer.pending = [];
  expect(result.nextExpectedRevision).toBe(BigInt(writer.acknowledged.length - 1));
}

/** Appends small batches one after the other until the server is gone; any other failure is thrown. */
export async function writeUntilLost(
  client: EventStoreDBClient,
  writer: Writer,
  random: Random,
  onAcknowledged: () => void,
): Promise<void> {
  for (;;) {
    writer.pending = Array.from({ length: random.between(1, MAX_BATCH) }, () =>
      jsonEvent({ type: 'Written', data: { padding: 'x'.repeat(random.between(0, 800)) } }),
    );
    try {
      await appendPending(client, writer);
    } catch (error) {
      if (isLoss(error)) return;
      throw error;
    }
    onAcknowledged();
  }
}

/** Sends again what was in flight at the crash: the same ids at the same revision, so it lands exactly once. */
export async function retryPending(client: EventStoreDBClient, writer: Writer): Promise<void> {
  if (writer.pending.length > 0) await appendPending(client, writer);
}

/** After the acknowledged events comes either nothing or the whole batch that was in flight. */
export async function verifyTail(client: EventStoreDBClient, writer: Writer): Promise<void> {
  const last = Math.max(0, writer.acknowledged.length - 1);
  const tail = await readFrom(client, writer.stream, BigInt(last));
  const ids = tail.map((entry) => eventOf(entry).id);
  const revisions = tail.map((entry) => Number(eventOf(entry).revision));
  expect(revisions).toEqual(ids.map((_, index) => last + index));
  const acknowledgedTail = writer.acknowledged.slice(last);
  const pending = writer.pending.map((event) => event.id);
  expect(ids.slice(0, acknowledgedTail.length)).toEqual(acknowledgedTail);
  expect([[], pending]).toContainEqual(ids.slice(acknowledgedTail.length));
}

async function readFrom(
  client: EventStoreDBClient,
  stream: string,
  fromRevision: bigint,
): Promise<ResolvedEvent[]> {
  try {
    return await readWhole(client, stream, { fromRevision });
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw error;
  }
}

const isLoss = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 14 || error.code === 1);

function bounded<T>(work: Promise<T>): Promise<T> {
  return new Promise((done, fail) => {
    const late = (): void => fail(new Error(`An append was not answered within ${APPEND_TIMEOUT_MS} ms.`));
    const timer = setTimeout(late, APPEND_TIMEOUT_MS);
    work.then(done, fail).finally(() => clearTimeout(timer));
  });
}
