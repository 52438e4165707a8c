/**
 * How far a rebuild of the gate has read the log, and which sales it has seen. What it had folded is not kept: sales are
 * read again, those that are still live, each from its own stream.
 */
import { z } from 'zod';
import { type ProgramId, programIdSchema } from '../../domain/shared/ids.ts';
import type { VersionsClient } from '../../gate/index.ts';
import { type TallyState, tallyStateSchema } from '../../rebuild/tally-state.ts';
import { createKeptRead } from './kept-read.ts';

const seenSale = z.strictObject({
  lastRevision: z.string().transform(BigInt),
  isEnded: z.boolean(),
  broken: z.string().optional(),
});
const readSchema = z.strictObject({
  tally: tallyStateSchema,
  sales: z.array(z.tuple([programIdSchema, seenSale])),
});

export type SeenSale = {
  lastRevision: bigint;
  isEnded: boolean;
  /** Why it cannot be folded. */
  broken?: string | undefined;
};

/** What of the log was read, and which sales are in it. */
export type ReadSoFar = {
  readonly tally: TallyState;
  readonly sales: Iterable<readonly [ProgramId, SeenSale]>;
};

/** All of them reject as the client does. */
export type ReadProgress = {
  /** Undefined where nothing is kept, or other code has kept it. */
  readonly load: () => Promise<ReadSoFar | undefined>;
  readonly save: (read: ReadSoFar) => Promise<void>;
  /** Answers whether there was anything. */
  readonly drop: () => Promise<boolean>;
};

/** `version` and `release` tell the code that folds. */
export const createReadProgress = (
  client: VersionsClient,
  code: { readonly version: number; readonly release: string },
): ReadProgress => {
  const kept = createKeptRead(client, 'gate', code, readSchema);
  return {
    load: kept.load,
    save: async ({ tally, sales }) => {
      const written = Array.from(
        sales,
        ([programId, { lastRevision, ...sale }]): z.input<typeof readSchema>['sales'][number] => [
          programId,
          { ...sale, lastRevision: String(lastRevision) },
        ],
      );
      await kept.save({ tally, sales: written });
    },
    drop: kept.drop,
  };
};
