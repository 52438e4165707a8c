/** SHA-256 over rows in whatever order they come: each is hashed by itself, and the hashes are put together. */
import { createHash } from 'node:crypto';
import type { Certificate } from '../../rebuild/certificate.ts';

const DIGEST_BYTES = 32;

export type Digest = {
  /** No row of a place comes twice: the second would undo the first. */
  readonly add: (place: string, row: string) => void;
  readonly result: () => Pick<Certificate, 'digest' | 'parts'>;
};

export const createDigest = (places: readonly string[]): Digest => {
  const parts = new Map(places.map((place) => [place, { rows: 0, sum: Buffer.alloc(DIGEST_BYTES) }]));
  return {
    add: (place, row) => {
      const part = parts.get(place);
      if (part === undefined) throw new Error(`${place} is no part of this digest.`);
      const hash = createHash('sha256').update(row).digest();
      for (let index = 0; index < DIGEST_BYTES; index += 1) {
        part.sum[index] = (part.sum[index] ?? 0) ^ (hash[index] ?? 0);
      }
      part.rows += 1;
    },
    result: () => {
      const named = [...parts].map(([place, { rows, sum }]) => ({
        place,
        rows,
        digest: sum.toString('hex'),
      }));
      const all = createHash('sha256');
      for (const { place, rows, digest } of named) all.update(`${place} ${rows} ${digest}\n`);
      return { digest: all.digest('hex'), parts: named };
    },
  };
};
