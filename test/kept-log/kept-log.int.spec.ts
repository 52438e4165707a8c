/**
 * The kept log fills today's read models as it always did. After lines were added, `npx vitest run test/kept-log -u`
 * keeps the new rows; whatever that changes about old ones has to be wanted.
 */
import type { JSONType } from '@eventstore/db-client';
import { describe, expect, it } from 'vitest';
import { engineCodec } from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore, type StreamName } from '../../src/eventstore/index.ts';
import { applyInBatches, contents, emptyTables, type Told, useDatabase } from '../projections/read-models.ts';
import { startDevstore } from '../support/devstore-process.ts';
import { keptEvents, keptLines } from './kept-log.ts';

const database = useDatabase();

/** What the engine reads of these, as the projections take it. */
const toldBy = (log: ReturnType<typeof keptEvents>): Told[] =>
  log.map((stored) => {
    const decoded = engineCodec.decode(stored);
    if (decoded.kind === 'unknown') throw new Error(`${stored.type} is not known any more.`);
    return decoded.event;
  });

async function rowsOf(told: readonly Told[]) {
  await emptyTables(database.db);
  await applyInBatches(database.db, [told]);
  return contents(database.db);
}

/** A line for each row, so that a change is seen where it is. */
const asLines = (tables: Awaited<ReturnType<typeof rowsOf>>): string =>
  Object.entries(tables)
    .flatMap(([table, rows]) => rows.map((row) => `${JSON.stringify({ table, row })}\n`))
    .join('');

/** Appends every line as it is, in the order of the log. */
async function appendAll(store: EventStore): Promise<void> {
  for (const { stream, revision, type, data, id, metadata } of keptLines()) {
    const proposed = {
      ...{ id, type, contentType: 'application/json' as const },
      data: data as JSONType,
      metadata: new TextEncoder().encode(JSON.stringify(metadata)),
    };
    const event = { proposed, sizeBytes: Buffer.byteLength(JSON.stringify(proposed)) };
    const expected = revision === '0' ? 'no_stream' : BigInt(revision) - 1n;
    const outcome = await store.append(stream as StreamName, expected, [event]);
    if (outcome.kind !== 'appended') throw new Error(`${type} of ${stream}: ${outcome.kind}`);
  }
}

describe('the kept log', () => {
  it('fills every read model with the rows that were kept with it', async () => {
    const rows = await rowsOf(toldBy(keptEvents()));
    await expect(asLines(rows)).toMatchFileSnapshot('./results/rows.jsonl');
    const empty = Object.entries(rows).filter(([, found]) => found.length === 0);
    expect(empty.map(([table]) => table)).toEqual([]);
  });

  it('is read back from an event store as it was kept, and fills the same rows from there', async () => {
    const devstore = await startDevstore();
    const store = openEventStore({ connectionString: devstore.url });
    try {
      await appendAll(store);
      const kept = keptEvents();
      const all = await store.readAllPage({ maxCount: 4_096 });
      const readBack = all.filter(({ type }) => !type.startsWith('$'));
      const asKept = readBack.map((event, index) => {
        const { position = -1n, recordedAtMs = -1 } = kept[index] ?? {};
        return { ...event, position, recordedAtMs };
      });
      expect(asKept).toEqual(kept);
      const rows = await rowsOf(toldBy(asKept));
      expect(rows).toEqual(await rowsOf(toldBy(kept)));
    } finally {
      await store.close();
      await devstore.close();
    }
  });
});
