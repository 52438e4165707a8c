/**
 * Snapshots of large streams, beside the log: losing them all makes the next start slower and nothing else.
 */
import type { SnapshotStore } from '../commands/ports.ts';
import type { Db } from '../projections/database.ts';

/** Two nodes may save one stream: the newer revision stays, whoever comes last. */
export const createSnapshotStore = (db: Db): SnapshotStore => ({
  load: async (stream) => {
    const row = await db
      .selectFrom('snapshot')
      .select(['revision', 'bytes'])
      .where('stream', '=', stream)
      .executeTakeFirst();
    // A copy: what the client gives is a view into a larger buffer, and only looks like bytes of its own.
    return row && { revision: BigInt(row.revision), bytes: new Uint8Array(row.bytes) };
  },
  discard: async (stream, revision) => {
    await db
      .deleteFrom('snapshot')
      .where('stream', '=', stream)
      .where('revision', '=', revision.toString())
      .execute();
  },
  save: async (stream, { revision, bytes }) => {
    const values = {
      revision: revision.toString(),
      bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
    };
    await db
      .insertInto('snapshot')
      .values({ stream, ...values })
      .onConflict((conflict) =>
        conflict.column('stream').doUpdateSet(values).whereRef('snapshot.revision', '<', 'excluded.revision'),
      )
      .execute();
  },
});
