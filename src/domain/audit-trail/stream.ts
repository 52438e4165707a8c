/**
 * Where the trail is kept: a stream for each operator and day (UTC). So no stream is written by everybody at once, none
 * grows without end, and "what did this operator look at that day" is one read.
 */
import { type UserId, userIdSchema } from '../shared/ids.ts';

export const AUDIT_TRAIL_CATEGORY = 'AuditTrail';

export const auditTrailStream = (operator: UserId, atMs: number) =>
  `${AUDIT_TRAIL_CATEGORY}-${operator}_${dayOf(atMs)}` as const;

const DAY_CHARACTERS = 'yyyy-mm-dd'.length;
const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, DAY_CHARACTERS);

/** Whose trail a stream is, and of which day; undefined for streams of other categories. */
export function trailOfStream(
  stream: string,
): { readonly operator: UserId; readonly day: string } | undefined {
  const [, name, day = ''] =
    new RegExp(`^${AUDIT_TRAIL_CATEGORY}-([^_]+)_(\\d{4}-\\d\\d-\\d\\d)$`).exec(stream) ?? [];
  const operator = userIdSchema.safeParse(name);
  return operator.success ? { operator: operator.data, day } : undefined;
}
