/** Where the projector was, and which sales were on: so that it need not read the whole log to know them again. */
import { z } from 'zod';
import type { SnapshotStore } from '../commands/ports.ts';
import { type ProgramId, programIdSchema } from '../domain/shared/ids.ts';

export type SavedPlace = { readonly position: bigint; readonly liveSales: readonly ProgramId[] };

/** Losing it costs reading the log from the start, and nothing else. */
export type SavedPlaces = {
  readonly load: () => Promise<SavedPlace | undefined>;
  readonly save: (place: SavedPlace) => Promise<void>;
};

/** What the gate's projector saves its place as. */
export const GATE_PROJECTOR_PLACE = 'gate-projector';

const savedSchema = z.strictObject({ liveSales: z.array(programIdSchema) });

/** Beside the snapshots of streams, under a name that no stream has: a later place replaces an earlier one. */
export const placesInSnapshots = (
  snapshots: Pick<SnapshotStore, 'load' | 'save'>,
  name: string,
  /** Where the log ends, if that is to be looked at: a place behind it is one of another log. */
  endOfLog?: () => Promise<bigint>,
): SavedPlaces => ({
  load: async () => {
    const saved = await snapshots.load(name);
    const sales = saved && liveSalesIn(saved.bytes);
    if (saved === undefined || sales === undefined) return undefined;
    const position = saved.revision;
    const isAhead = endOfLog !== undefined && position > (await endOfLog());
    return isAhead ? undefined : { position, liveSales: sales };
  },
  save: ({ position, liveSales }) => {
    const bytes = new TextEncoder().encode(JSON.stringify({ liveSales }));
    return snapshots.save(name, { revision: position, bytes });
  },
});

/** Undefined for bytes that nobody wrote like that: then the log tells. */
function liveSalesIn(bytes: Uint8Array): readonly ProgramId[] | undefined {
  try {
    return savedSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data?.liveSales;
  } catch {
    return undefined;
  }
}
