/** What interrupted work keeps of its count: numbers by type, and no more than some hundred bytes of them. */
import { z } from 'zod';
import { certificateSchema } from './certificate.ts';

const { startedAtMs, from, to, events, skips, continuity } = certificateSchema.shape;
const { applied, ignored } = events.shape;

/** Goes into the transaction that moves the checkpoint, as JSON. */
export const tallyStateSchema = z.strictObject({
  startedAtMs,
  from,
  to,
  applied,
  ignored,
  skips,
  continuity,
});

export type TallyState = z.infer<typeof tallyStateSchema>;
