/** Keys for tests, and a table of person keys that forgets like the real one. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { type PersonKeyId, personKeyIdSchema } from '../../src/domain/shared/personal-data.ts';
import { checkDigit } from '../../src/privacy/id-rules.ts';
import type { MasterKey, MasterKeys, PersonKeys, StoredPersonKey } from '../../src/privacy/index.ts';

export const keyId = (name: string): PersonKeyId => personKeyIdSchema.parse(name);
export const masterKey = (id: string): MasterKey => ({ id, bytes: randomBytes(32) });
export const masterKeys = (current = masterKey('1'), ...former: MasterKey[]): MasterKeys => ({
  current,
  former,
});

export type PersonKeyTable = PersonKeys & { readonly rows: Map<PersonKeyId, StoredPersonKey> };

export function personKeyTable(): PersonKeyTable {
  const rows = new Map<PersonKeyId, StoredPersonKey>();
  return {
    rows,
    get: async (id) => rows.get(id),
    create: async (id, wrapped) => {
      const stored = rows.get(id) ?? { kind: 'live', wrapped };
      rows.set(id, stored);
      return stored;
    },
    createAll: async (keys) => {
      for (const { id, wrapped } of keys) {
        if (rows.has(id)) throw new Error(`${id} is there.`);
        rows.set(id, { kind: 'live', wrapped });
      }
    },
    destroy: async (id) => {
      rows.set(id, { kind: 'destroyed' });
    },
  };
}

const digits = (count: number) =>
  fc.integer({ min: 0, max: 10 ** count - 1 }).map((n) => String(n).padStart(count, '0'));
const birthDate = fc
  .date({ min: new Date('1900-01-01T00:00Z'), max: new Date('2025-12-31T00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10).replaceAll('-', ''));
const eighteen = (region: fc.Arbitrary<string>) =>
  fc.tuple(region, birthDate, digits(3)).map((parts) => {
    const body = parts.join('');
    return body + checkDigit(body);
  });
const letters = (count: number) =>
  fc.array(fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ'), { minLength: count, maxLength: count });

/** Valid documents of each type, as they are normalised. */
export const anyDocument = fc.oneof(
  fc.record({
    idType: fc.constant(1 as const),
    number: eighteen(fc.tuple(fc.constantFrom('11', '31', '44', '65'), digits(4)).map((p) => p.join(''))),
  }),
  fc.record({
    idType: fc.constant(2 as const),
    number: eighteen(fc.constantFrom('810000', '820000', '830000')),
  }),
  fc.record({
    idType: fc.constant(3 as const),
    number: fc.tuple(fc.constantFrom('H', 'M'), fc.oneof(digits(8), digits(10))).map((p) => p.join('')),
  }),
  fc.record({ idType: fc.constant(4 as const), number: digits(8) }),
  fc.record({
    idType: fc.constant(5 as const),
    number: fc.tuple(letters(2), digits(7)).map(([front, back]) => front.join('') + back),
  }),
  fc.record({
    idType: fc.constant(6 as const),
    number: fc.oneof(
      fc.tuple(letters(3), digits(12)).map(([front, back]) => front.join('') + back),
      eighteen(digits(5).map((code) => `9${code}`)),
    ),
  }),
);
