/** What a rebuild or a verification vouches for, as a file that can be kept and compared. */
import { z } from 'zod';

const position = z.string().regex(/^-?\d+$/);
const counts = z.record(z.string(), z.int().min(0));

export const certificateSchema = z.strictObject({
  projection: z.string(),
  store: z.enum(['sql', 'redis']),
  work: z.enum(['rebuild', 'verify']),
  /** Of the code that folds it. */
  version: z.int(),
  /** Commit positions in `$all`: nothing before the first, everything up to and including the last. */
  from: position,
  to: position,
  /** By type of event. Every event of the log from `from` to `to` is in exactly one of these. */
  events: z.strictObject({ applied: counts, skipped: counts, ignored: counts }),
  /** The events that were left out because somebody said so. */
  skips: z.array(z.strictObject({ position, type: z.string(), reason: z.string(), actor: z.string() })),
  continuity: z.strictObject({
    /** Pages of the log that were read; each began with the event that the one before had ended with. */
    pages: z.int().min(0),
    /** Streams whose revisions followed one another without a gap. */
    streams: z.int().min(0),
    /** Positions behind which the work was taken up again after an interruption. */
    resumedAfter: z.array(position),
    /**
     * Where it was taken up again without what was known of each stream: that pages lead on from one another holds for all
     * that was read, that revisions do only for what is behind this position. Left out where they do from the start.
     */
    revisionsSince: position.optional(),
  }),
  /** SHA-256 over the rows or counters, whatever order they are in, by table or kind of key. */
  digest: z.string(),
  parts: z.array(z.strictObject({ place: z.string(), rows: z.int().min(0), digest: z.string() })),
  /** Between what is live and what follows from the log, at `to`. */
  differences: z.int().min(0),
  startedAtMs: z.int(),
  finishedAtMs: z.int(),
});

export type Certificate = z.infer<typeof certificateSchema>;
