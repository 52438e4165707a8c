/** How far a rebuild in Redis has read the log, so that one that was interrupted goes on from there. */
import { z } from 'zod';
import type { VersionsClient } from '../../gate/index.ts';

/** Of the log: what an interruption costs is at most as much. */
export const SAVED_EVERY_PAGES = 8;
/** Who does not come back within it begins anew. */
const TTL_MS = 60 * 60 * 1_000;

/** All of them reject as the client does. */
export type KeptRead<Shape extends z.ZodType> = {
  /** Undefined where nothing is kept, or other code has kept it. */
  readonly load: () => Promise<z.output<Shape> | undefined>;
  readonly save: (read: z.input<Shape>) => Promise<void>;
  /** Answers whether there was anything. */
  readonly drop: () => Promise<boolean>;
};

/** `version` and `release` tell the code that reads. */
export const createKeptRead = <Shape extends z.ZodType>(
  client: VersionsClient,
  name: string,
  { version, release }: { readonly version: number; readonly release: string },
  shape: Shape,
): KeptRead<Shape> => {
  const key = `seatlog:rebuild:${name}:read`;
  const ofThisCode = z.object({
    version: z.literal(version),
    release: z.literal(release),
    read: z.unknown(),
  });
  return {
    load: async () => {
      const stored = ofThisCode.safeParse(parsed(await client.get(key))).data;
      return stored === undefined ? undefined : shape.safeParse(stored.read).data;
    },
    save: async (read) => {
      await client.set(key, JSON.stringify({ version, release, read }), 'PX', TTL_MS);
    },
    drop: async () => (await client.unlink(key)) > 0,
  };
};

const parsed = (text: string | null): unknown => {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
};
