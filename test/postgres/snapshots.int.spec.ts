/** Snapshots as commands need them: the newest one, whole, as bytes of their own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/postgres/migrate.ts';
import { openPostgres, type Postgres } from '../../src/postgres/pool.ts';
import { createSnapshotStore } from '../../src/postgres/snapshots.ts';
import { useDatabaseUrl } from '../support/stores.ts';

const database = useDatabaseUrl();
let postgres: Postgres;

beforeAll(async () => {
  postgres = openPostgres({ url: database.postgresUrl, max: 5, onError: () => undefined });
  await migrate(postgres.db);
});
afterAll(() => postgres?.close());

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

describe('the snapshot store', () => {
  it('has nothing of a stream that was never saved', async () => {
    expect(await createSnapshotStore(postgres.db).load('Sale-unknown')).toBeUndefined();
  });

  it('gives back what was saved, of views into a larger buffer too', async () => {
    const { load, save } = createSnapshotStore(postgres.db);
    await save('Sale-one', { revision: 7n, bytes: bytes(9, 0, 255, 1, 9).subarray(1, 4) });
    expect(await load('Sale-one')).toEqual({ revision: 7n, bytes: bytes(0, 255, 1) });
  });

  it('gives bytes whose slice is a copy, as restoring a sale needs it', async () => {
    const { load, save } = createSnapshotStore(postgres.db);
    await save('Sale-two', { revision: 1n, bytes: bytes(1, 2, 3, 4) });
    const loaded = (await load('Sale-two'))?.bytes.slice();
    expect(loaded?.buffer.byteLength).toBe(4);
  });

  it('keeps the newer revision, whichever comes last', async () => {
    const { load, save } = createSnapshotStore(postgres.db);
    await save('Sale-three', { revision: 10n, bytes: bytes(10) });
    await save('Sale-three', { revision: 9n, bytes: bytes(9) });
    expect(await load('Sale-three')).toEqual({ revision: 10n, bytes: bytes(10) });
    await save('Sale-three', { revision: 2n ** 60n, bytes: bytes(11) });
    expect(await load('Sale-three')).toEqual({ revision: 2n ** 60n, bytes: bytes(11) });
  });

  it('takes the snapshot of a very large sale', async () => {
    const { load, save } = createSnapshotStore(postgres.db);
    const large = new Uint8Array(20_000_000).map((_, index) => index * 31);
    await save('Sale-large', { revision: 1n, bytes: large });
    const loaded = (await load('Sale-large'))?.bytes;
    expect(Buffer.compare(loaded ?? bytes(), large)).toBe(0);
  });
});
