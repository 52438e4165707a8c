/** How far processes and lanes have come in the log, for whoever goes on with them. */
import { sql } from 'kysely';
import type { LaneCheckpoints } from '../commands/dispatch/lane-follower.ts';
import { laneStream } from '../domain/order-queue/index.ts';
import type { Db } from '../projections/database.ts';

export type ProcessCheckpoints = {
  /** The checkpoint of one process. */
  readonly of: (name: string) => {
    readonly load: () => Promise<bigint | undefined>;
    readonly save: (position: bigint) => Promise<void>;
  };
  /** Several at once, by name. */
  readonly save: (positions: ReadonlyMap<string, bigint>) => Promise<void>;
};

/** A checkpoint never goes back: an owner that was frozen does not undo its successor's. */
export const createProcessCheckpoints = (db: Db): ProcessCheckpoints => {
  const save = async (positions: ReadonlyMap<string, bigint>): Promise<void> => {
    if (positions.size === 0) return;
    // In one order, so that two that save the same names never wait for each other in a ring.
    const rows = [...positions].sort(([one], [other]) => (one < other ? -1 : 1));
    await db
      .insertInto('process_checkpoint')
      .values(rows.map(([name, position]) => ({ name, position: position.toString() })))
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ position: sql<string>`excluded.position` })
          .whereRef('process_checkpoint.position', '<', sql`excluded.position`),
      )
      .execute();
  };
  return {
    of: (name) => ({
      load: async () => {
        const row = await db
          .selectFrom('process_checkpoint')
          .select('position')
          .where('name', '=', name)
          .executeTakeFirst();
        return row && BigInt(row.position);
      },
      save: (position) => save(new Map([[name, position]])),
    }),
    save,
  };
};

/** The checkpoints of the lanes of the order queue, each under its stream's name. */
export const createLaneCheckpoints = (checkpoints: ProcessCheckpoints): LaneCheckpoints => ({
  load: (lane) => checkpoints.of(laneStream(lane)).load(),
  save: (positions) =>
    checkpoints.save(new Map([...positions].map(([lane, position]) => [laneStream(lane), position]))),
});
