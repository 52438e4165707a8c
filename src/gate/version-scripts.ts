/** The scripts that are about more than one version of a program's counters. */
import { z } from 'zod';
import type { GateKeys } from './keys.ts';
import type { Script } from './registry.ts';

export type CopyKeys = Pick<GateKeys, 'stock' | 'buyers' | 'requests' | 'seats'> & {
  readonly copiedStock: string;
  readonly copiedBuyers: string;
  readonly copiedSeats: string;
};

/** The revision of what was copied; undefined where there was nothing. */
export const copyScript: Script<{ readonly ttlMs: number }, bigint | undefined, keyof CopyKeys> = {
  name: 'copy',
  keys: ['stock', 'buyers', 'requests', 'seats', 'copiedStock', 'copiedBuyers', 'copiedSeats'],
  args: ({ ttlMs }) => [ttlMs],
  parse: (reply) => z.array(z.int().transform(BigInt)).max(1).parse(reply)[0],
};

export type SwapKeys = GateKeys & {
  readonly nextStock: string;
  readonly nextBuyers: string;
  readonly nextSeats: string;
  readonly previousStock: string;
  readonly previousBuyers: string;
  readonly previousSeats: string;
};

export type SwapArgs = {
  readonly nowMs: number;
  /** Of the version that was live. */
  readonly previousTtlMs: number;
  /** A revision of the live version that the log does not have: it may be replaced by an earlier one. */
  readonly foreign: bigint | undefined;
  /** Which swap this is; the version that is replaced says so from then on. */
  readonly swapId?: string | undefined;
  /** Answered by the log, as the next version has seen, and the live one may not have. */
  readonly requests: readonly string[];
};

export type SwapOutcome =
  | { readonly kind: 'swapped'; readonly revision: bigint }
  /** The live version has seen events up to `revision`, and the next one has not: bring it there. */
  | { readonly kind: 'behind'; readonly revision: bigint }
  /** No live version, or it is being filled. */
  | { readonly kind: 'empty' }
  /** No next version, or not all of it: begin again. */
  | { readonly kind: 'lost' };

const swapReply = z.union([
  z.tuple([z.enum(['swapped', 'behind']), z.int().transform(BigInt)]),
  z.tuple([z.enum(['empty', 'lost'])]),
]);

export const swapScript: Script<SwapArgs, SwapOutcome, keyof SwapKeys> = {
  name: 'swap',
  keys: [
    ...(['stock', 'pending', 'deadlines', 'buyers', 'requests', 'seats'] as const),
    ...(['nextStock', 'nextBuyers', 'nextSeats'] as const),
    ...(['previousStock', 'previousBuyers', 'previousSeats'] as const),
  ],
  args: ({ nowMs, previousTtlMs, foreign, swapId = '', requests }) => [
    ...[nowMs, previousTtlMs, foreign?.toString() ?? '', swapId, ...requests],
  ],
  parse: (reply): SwapOutcome => {
    const parsed = swapReply.parse(reply);
    return parsed.length === 1 ? { kind: parsed[0] } : { kind: parsed[0], revision: parsed[1] };
  },
};
