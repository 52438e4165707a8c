/**
 * Puts one order's status right, whatever it says now, unless somebody has written another one meanwhile; and keeps what
 * was there for as long as what replaced it lives. All that were replaced by one swap are the version before: the others
 * are the same in both.
 */
import { z } from 'zod';
import type { OrderNumber } from '../../domain/shared/ids.ts';
import type { VersionsClient } from '../../gate/index.ts';
import type { Script } from '../../gate/registry.ts';
import { orderOfStatusKey } from '../order-statuses.ts';

export type Mending = {
  /** What was there; undefined for nothing. */
  readonly seen: string | undefined;
  /** What is to be there; undefined for nothing. */
  readonly value: string | undefined;
  readonly ttlMs: number;
  readonly swapId: string;
};

export const mendScript: Script<Mending, 'mended' | 'changed', 'order' | 'before'> = {
  name: 'mend',
  keys: ['order', 'before'],
  args: ({ seen, value, ttlMs, swapId }) => [seen ?? '', value ?? '', ttlMs, swapId],
  parse: (reply) => z.enum(['mended', 'changed']).parse(reply),
};

export type Restoring = { readonly undoes: string; readonly swapId: string };

export const restoreScript: Script<Restoring, 'restored' | 'newer' | 'other', 'order' | 'before'> = {
  name: 'restore',
  keys: ['order', 'before'],
  args: ({ undoes, swapId }) => [undoes, swapId],
  parse: (reply) => z.enum(['restored', 'newer', 'other']).parse(reply),
};

/** Under the hash tag of the order's status. */
export const beforeKeyOf = (orderNumber: OrderNumber): string => `seatlog:order-before:{${orderNumber}}`;

/** As Redis matches keys. */
export const ANY_BEFORE = 'seatlog:order-before:*';

const SWAP = 'swap';

/** Which swap has replaced what such a key keeps; null where it is gone. Rejects as the client does. */
export const swapOfBefore = (client: VersionsClient, key: string): Promise<string | null> =>
  client.hget(key, SWAP);

/** Undefined for a key of no order. */
export const orderOfBeforeKey = (key: string): OrderNumber | undefined =>
  orderOfStatusKey(key.replace('seatlog:order-before:', 'seatlog:order:'));
