/** Where an account's events are kept. */
import { type UserId, userIdSchema } from '../shared/ids.ts';

export const ACCOUNT_CATEGORY = 'Account';

export const accountStream = (userId: UserId) => `${ACCOUNT_CATEGORY}-${userId}` as const;

/** The user whose account a stream is; undefined for streams of other categories. */
export function userOfStream(stream: string): UserId | undefined {
  const prefix = `${ACCOUNT_CATEGORY}-`;
  if (!stream.startsWith(prefix)) return undefined;
  return userIdSchema.safeParse(stream.slice(prefix.length)).data;
}
