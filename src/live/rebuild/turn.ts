/**
 * One rebuild or verification of a projection at a time, whichever process it is in. The turn is a key that ends by
 * itself, so that nobody waits for long for one who was killed. It saves work: two at once would do no harm.
 */
import { randomUUID } from 'node:crypto';
import type { VersionsClient } from '../../gate/index.ts';
import { RebuildError } from '../../rebuild/rebuildable.ts';
import type { Sleep } from '../persevering.ts';

const TURN_TTL_MS = 3_000;
const RENEW_EVERY_MS = 500;
const LOOK_EVERY_MS = 250;

export type Turns = { readonly client: VersionsClient; readonly sleep: Sleep };

const keyOf = (name: string): string => `seatlog:rebuild:{${name}}`;

/** Somebody works on it, or was killed within the last seconds. Rejects as the client does. */
export const isSomebodysTurn = async (client: VersionsClient, name: string): Promise<boolean> =>
  (await client.exists(keyOf(name))) > 0;

/** Rejects with `RebuildError` where another one is at work, and with what the work rejects with. */
export const inTurn = async <Result>(
  { client, sleep }: Turns,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> => {
  const key = keyOf(name);
  const token = randomUUID();
  await take({ client, sleep }, key, token, name);
  const renewing = setInterval(() => {
    // Where Redis is away, so is what is being rebuilt: the work itself finds out.
    client.pexpire(key, TURN_TTL_MS).catch(() => undefined);
  }, RENEW_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    const holder = await client.get(key).catch(() => null);
    if (holder === token) await client.unlink(key).catch(() => undefined);
  }
};

/** Who is alive renews: a time to live that grows tells. One who was killed is waited for. */
const take = async ({ client, sleep }: Turns, key: string, token: string, name: string): Promise<void> => {
  let leftMs = Number.POSITIVE_INFINITY;
  while ((await client.set(key, token, 'PX', TURN_TTL_MS, 'NX')) === null) {
    const ttlMs = await client.pttl(key);
    if (ttlMs > leftMs) {
      throw new RebuildError(
        'rebuild_in_progress',
        `Another rebuild or verification of ${name} is at work: wait for it to end.`,
      );
    }
    leftMs = ttlMs;
    await sleep(LOOK_EVERY_MS);
  }
};
