/**
 * Snapshots are disposable: whatever becomes of them, a sale that is loaded cold is the sale that its stream tells,
 * and decides the same.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot, SnapshotStore } from '../../src/commands/ports.ts';
import { createWarmStreams } from '../../src/commands/warm-streams.ts';
import {
  keepBatch,
  openBatch,
  restoreSale,
  type SaleCommand,
  saleDecider,
  saleStream,
  saleTermsSchema,
  snapshotSale,
  undoBatch,
} from '../../src/domain/sale/index.ts';
import type { ProgramId } from '../../src/domain/shared/ids.ts';
import { saleCodec } from '../../src/event-catalogue.ts';
import {
  type EventStore,
  encodeEvents,
  openEventStore,
  type StreamName,
} from '../../src/eventstore/index.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createSnapshotStore } from '../../src/postgres/snapshots.ts';
import { idOf, NOW_MS, people, placeOrder } from '../domain/sale/fixtures.ts';
import { flashSale } from '../projections/flash-sale.ts';
import { because } from '../support/selling.ts';
import { useStores } from '../support/stores.ts';
import { until } from '../support/until.ts';

/** More events than there are between two snapshots. */
const ORDERS = 2_300;
const APPEND_EVENTS = 800;

const stores = useStores();
let postgres: Postgres;
let store: EventStore;
let snapshots: SnapshotStore;

beforeAll(async () => {
  postgres = openPostgres({ url: stores.postgresUrl, max: 5, onError: () => undefined });
  await migrate(postgres.db);
  snapshots = createSnapshotStore(postgres.db);
  store = openEventStore({ connectionString: stores.eventStoreUrl });
});
afterAll(async () => {
  await store?.close();
  await postgres?.close();
});

/** A process that has just been started. */
function coldSale(programId: ProgramId, kept: SnapshotStore = snapshots) {
  const sales = createWarmStreams({
    streamOf: saleStream,
    decider: saleDecider,
    log: createStreamLog(store, saleCodec),
    batches: { open: openBatch, keep: keepBatch, undo: undoBatch },
    snapshots: { freeze: snapshotSale, thaw: restoreSale, store: kept },
    maxWarm: 1,
  });
  return sales.of(programId);
}

const noSnapshots: SnapshotStore = {
  load: async () => undefined,
  save: async () => undefined,
  discard: async () => undefined,
};

/** A sale that is in the log. */
async function played(program: string) {
  const events = flashSale(ORDERS, { program }).filter(({ stream }) => stream === `Sale-${program}`);
  const [first] = events;
  if (first?.event.type !== 'SaleStarted') throw new Error('A sale begins with SaleStarted.');
  const { programId } = saleTermsSchema.parse(first.event.data);
  const stream = saleStream(programId);
  for (let from = 0; from < events.length; from += APPEND_EVENTS) {
    const part = events.slice(from, from + APPEND_EVENTS).map(({ event }) => event);
    const encoded = encodeEvents(saleCodec, stream as StreamName, part as never, {
      ...{ correlationId: 'played', causationId: `played ${from}`, actor: 'test' },
    });
    await store.append(stream as StreamName, from === 0 ? 'no_stream' : BigInt(from) - 1n, encoded);
  }
  return { programId, stream, lastRevision: BigInt(events.length) - 1n };
}

/** What somebody who comes now would be told, by this process. */
async function told(sale: ReturnType<typeof coldSale>) {
  const commands: readonly SaleCommand[] = [
    placeOrder({
      orderNumber: idOf.order(1),
      want: { by: 'category', category: idOf.category('stalls'), count: 2 },
    }),
    placeOrder({ want: { by: 'seats', seats: [0, 1] }, ticketUsers: people(1, 2) }),
    placeOrder({ want: { by: 'category', category: idOf.category('nowhere'), count: 2 } }),
    {
      type: 'HoldSeats',
      nowMs: NOW_MS,
      holdToken: idOf.hold('h'),
      buyer: idOf.user('ann'),
      want: { by: 'category', category: idOf.category('stalls'), count: 4 },
    },
  ];
  return sale.ask((state) => ({
    state: Buffer.from(snapshotSale(state)).toString('base64'),
    decisions: commands.map((command) => saleDecider.decide(command, state)),
  }));
}

describe('a sale that is loaded cold', () => {
  it('is what its stream tells, whatever its snapshot is: kept, old, damaged, of another sale, or gone', async () => {
    const { programId, stream } = await played('disposable');
    const foreign = await played('foreign');
    const truth = await told(coldSale(programId, noSnapshots));
    // Makes the snapshot, and the other sale's.
    expect(await told(coldSale(programId))).toEqual(truth);
    await told(coldSale(foreign.programId));
    const kept = await snapshotOf(stream);
    expect(kept.revision).toBeGreaterThan(4_000n);
    const other = await snapshotOf(foreign.stream);
    const damaged = kept.bytes.map((byte, index) => (index === kept.bytes.length >> 1 ? byte ^ 1 : byte));
    const variants: Readonly<Record<string, Snapshot | undefined>> = {
      kept,
      gone: undefined,
      old: { revision: 3n, bytes: await bytesAt(stream, 3n) },
      damaged: { ...kept, bytes: damaged },
      'cut off': { ...kept, bytes: kept.bytes.subarray(0, kept.bytes.length - 8) },
      empty: { ...kept, bytes: new Uint8Array() },
      'of another sale': other,
    };
    for (const [name, snapshot] of Object.entries(variants)) {
      await replaceSnapshot(stream, snapshot);
      expect({ name, ...(await told(coldSale(programId))) }).toEqual({ name, ...truth });
    }
  });

  it('does without a store of snapshots that is away', async () => {
    const { programId } = await played('without-store');
    const away: SnapshotStore = {
      ...noSnapshots,
      load: () => Promise.reject(new Error('PostgreSQL is away')),
      save: () => Promise.reject(new Error('PostgreSQL is away')),
    };
    expect(await told(coldSale(programId, away))).toEqual(await told(coldSale(programId, noSnapshots)));
  });

  it('sells on from where the log ends when it was set back behind the snapshot, which is dropped', async () => {
    const { programId, stream, lastRevision } = await played('set-back');
    const bytes = await bytesAt(stream, lastRevision);
    await replaceSnapshot(stream, { revision: lastRevision + 500n, bytes });
    const sale = coldSale(programId);
    const order = placeOrder({
      orderNumber: idOf.order(9),
      want: { by: 'category', category: idOf.category('stalls'), count: 2 },
    });
    expect(await sale.submit(order, because('first'))).toMatchObject({ kind: 'order_placed' });
    expect((await snapshots.load(stream))?.revision ?? 0n).toBeLessThanOrEqual(lastRevision + 1n);
    expect(await told(coldSale(programId))).toEqual(await told(coldSale(programId, noSnapshots)));
  });
});

/** It is kept behind the answer. */
async function snapshotOf(stream: string): Promise<Snapshot> {
  const kept: Snapshot[] = [];
  await until(`${stream} has a snapshot`, async () => {
    const snapshot = await snapshots.load(stream);
    if (snapshot !== undefined) kept.push(snapshot);
    return kept.length > 0;
  });
  const [snapshot] = kept;
  if (snapshot === undefined) throw new Error(`${stream} has no snapshot.`);
  return snapshot;
}

async function replaceSnapshot(stream: string, snapshot: Snapshot | undefined): Promise<void> {
  const before = await snapshots.load(stream);
  if (before !== undefined) await snapshots.discard(stream, before.revision);
  if (snapshot !== undefined) await snapshots.save(stream, snapshot);
}

/** A snapshot as a process would have kept it there. */
async function bytesAt(stream: ReturnType<typeof saleStream>, revision: bigint): Promise<Uint8Array> {
  let state = saleDecider.initial();
  for await (const page of createStreamLog(store, saleCodec).read(stream, 0n)) {
    for (const occurrence of page) {
      if (occurrence.revision <= revision) state = saleDecider.evolve(state, occurrence.event);
    }
  }
  return snapshotSale(state);
}
