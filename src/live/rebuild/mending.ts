/** Puts one order's status right, whatever it says now, unless somebody has written another one meanwhile. */
import { z } from 'zod';
import type { Script } from '../../gate/registry.ts';

export type Mending = {
  /** What was there; undefined for nothing. */
  readonly seen: string | undefined;
  /** What is to be there; undefined for nothing. */
  readonly value: string | undefined;
  readonly ttlMs: number;
};

export const mendScript: Script<Mending, 'mended' | 'changed', 'order'> = {
  name: 'mend',
  keys: ['order'],
  args: ({ seen, value, ttlMs }) => [seen ?? '', value ?? '', ttlMs],
  parse: (reply) => z.enum(['mended', 'changed']).parse(reply),
};
