/** What settings may be: schemas of environment variables, with a sentence for each that is something else. */
import { isIP } from 'node:net';
import { z } from 'zod';

const MAX_PORT = 65_535;

/** `standard` where nothing is given, here and below. */
export const port = (standard: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a port number')
    .transform(Number)
    .pipe(z.number().max(MAX_PORT, `must be at most ${MAX_PORT}`))
    .default(standard);

export const amount = (standard: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .default(standard);

export const url = (pattern: RegExp, example: string) =>
  z.string().regex(pattern, `must look like ${example}`).optional();

const PREFIX_BITS = { 0: -1, 4: 32, 6: 128 } as const;

const isNetwork = (text: string): boolean => {
  const [address = '', prefix = '0', ...rest] = text.split('/');
  const bits = PREFIX_BITS[isIP(address) as 0 | 4 | 6];
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
};

/** As they are used by the API; none unless given. */
export const networks = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((network) => network.trim())
      .filter((network) => network !== ''),
  )
  .refine((found) => found.every(isNetwork), 'must be addresses or networks such as 10.0.0.0/8, with commas');
