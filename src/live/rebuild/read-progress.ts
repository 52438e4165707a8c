/**
 * How far a rebuild of the gate has read the log, so that one that was interrupted goes on from there. What it had folded
 * is not kept: sales are read again, those that are still live, each from its own stream.
 */
import { z } from 'zod';
import { type ProgramId, programIdSchema } from '../../domain/shared/ids.ts';
import type { VersionsClient } from '../../gate/index.ts';
import { type TallyState, tallyStateSchema } from '../../rebuild/tally-state.ts';

const KEY = 'seatlog:rebuild:gate:read';
/** Who does not come back within it begins anew. */
const TTL_MS = 60 * 60 * 1_000;

const readSchema = z.strictObject({
  version: z.number().int(),
  release: z.string(),
  tally: tallyStateSchema,
  sales: z.array(
    z.tuple([
      programIdSchema,
      z.strictObject({
        lastRevision: z.string().transform(BigInt),
        isEnded: z.boolean(),
        broken: z.string().optional(),
      }),
    ]),
  ),
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
  readonly drop: () => Promise<void>;
};

/** `version` and `release` tell the code that folds. */
export const createReadProgress = (
  client: VersionsClient,
  { version, release }: { readonly version: number; readonly release: string },
): ReadProgress => ({
  load: async () => {
    const kept = parsed(await client.get(KEY));
    return kept?.version === version && kept.release === release ? kept : undefined;
  },
  save: async ({ tally, sales }) => {
    const written = Array.from(sales, ([programId, { lastRevision, ...sale }]) => [
      programId,
      { ...sale, lastRevision: String(lastRevision) },
    ]);
    await client.set(KEY, JSON.stringify({ version, release, tally, sales: written }), 'PX', TTL_MS);
  },
  drop: async () => {
    await client.unlink(KEY);
  },
});

const parsed = (text: string | null): z.infer<typeof readSchema> | undefined => {
  if (text === null) return undefined;
  try {
    return readSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};
