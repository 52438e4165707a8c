import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { ciphertextSchema } from '../../src/domain/shared/personal-data.ts';
import { erasePerson, openPerson, rewrap, type Sealed, sealPerson } from '../../src/privacy/index.ts';
import { keyId, masterKey, masterKeys, type PersonKeyTable, personKeyTable } from './fixtures.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 64 });
const anyClear = fc.record({ name: text, idNumber: text });
const wang = { name: '王小明', idNumber: '11010519491231002X' };
const id = keyId('person-1');

let personKeys: PersonKeyTable;
let deps: { personKeys: PersonKeyTable; masterKeys: ReturnType<typeof masterKeys> };

beforeEach(() => {
  personKeys = personKeyTable();
  deps = { personKeys, masterKeys: masterKeys() };
});

async function sealedOf(clear: { name: string; idNumber: string }, of = id): Promise<Sealed> {
  const outcome = await sealPerson(deps, of, clear);
  if (outcome.kind !== 'sealed') throw new Error(outcome.kind);
  return outcome.sealed;
}

/** The same text with one bit of its bytes changed. */
function damaged(ciphertext: string, bit: number): string {
  const bytes = Buffer.from(ciphertext.slice('pd1.'.length), 'base64url');
  const at = bit % (bytes.length * 8);
  bytes.writeUInt8(bytes.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
  return `pd1.${bytes.toString('base64url')}`;
}

describe('sealing', () => {
  test('and opening gives back what was sealed, in any script', async () => {
    await fc.assert(
      fc.asyncProperty(anyClear, async (clear) => {
        expect(await openPerson(deps, id, await sealedOf(clear))).toEqual({ kind: 'opened', clear });
      }),
    );
  });

  test('shows nothing of the text, not even that two are the same, nor how long a name is', async () => {
    const first = await sealedOf(wang);
    const second = await sealedOf(wang);
    expect(first.name).not.toBe(second.name);
    expect(JSON.stringify(first)).not.toContain('王');
    expect(first.name.length).toBe((await sealedOf({ ...wang, name: 'Alexandra Smith' })).name.length);
  });

  test('of a text that no person has is a bug', async () => {
    await expect(sealPerson(deps, id, { ...wang, name: 'x'.repeat(1_025) })).rejects.toThrow(RangeError);
  });

  test('twice at once makes one key', async () => {
    const [first, second] = await Promise.all([sealedOf(wang), sealedOf(wang)]);
    for (const sealed of [first, second]) {
      expect(await openPerson(deps, id, sealed)).toEqual({ kind: 'opened', clear: wang });
    }
  });
});

describe('a ciphertext', () => {
  test('with any bit changed does not open', async () => {
    const sealed = await sealedOf(wang);
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (bit) => {
        const name = ciphertextSchema.parse(damaged(sealed.name, bit));
        expect(await openPerson(deps, id, { ...sealed, name })).toEqual({
          kind: 'unreadable',
          code: 'ciphertext_damaged',
        });
      }),
    );
  });

  test('does not open as another field', async () => {
    const { name, idNumber } = await sealedOf(wang);
    expect(await openPerson(deps, id, { name: idNumber, idNumber: name })).toMatchObject({
      code: 'ciphertext_damaged',
    });
  });

  test('does not open as another person, even under a copy of the key', async () => {
    const other = keyId('person-2');
    const sealed = await sealedOf(wang);
    await sealedOf(wang, other);
    expect(await openPerson(deps, other, sealed)).toMatchObject({ code: 'ciphertext_damaged' });
    const row = personKeys.rows.get(id);
    if (row === undefined) throw new Error('no key');
    personKeys.rows.set(other, row);
    expect(await openPerson(deps, other, sealed)).toMatchObject({ code: 'person_key_damaged' });
  });

  test.each(['pd2.', 'pd1.-'])('of another form is damaged: %s', async (front) => {
    const sealed = await sealedOf(wang);
    const name = ciphertextSchema.parse(front + sealed.name.slice('pd1.'.length));
    expect(await openPerson(deps, id, { ...sealed, name })).toMatchObject({ code: 'ciphertext_damaged' });
  });
});

describe('erasing a person', () => {
  test('makes everything sealed before unreadable, and nothing new can be sealed', async () => {
    const sealed = await sealedOf(wang);
    await erasePerson(deps, id);
    await erasePerson(deps, id);
    expect(await openPerson(deps, id, sealed)).toEqual({ kind: 'erased' });
    expect(await sealPerson(deps, id, wang)).toEqual({ kind: 'erased' });
    expect(JSON.stringify([...personKeys.rows])).not.toContain('pk1.');
  });

  test('leaves the others alone', async () => {
    const other = keyId('person-2');
    const sealed = await sealedOf(wang, other);
    await sealedOf(wang);
    await erasePerson(deps, id);
    expect(await openPerson(deps, other, sealed)).toMatchObject({ kind: 'opened' });
  });

  test('wins against a sealing that began before', async () => {
    const late: PersonKeyTable = {
      ...personKeys,
      create: async (key, wrapped) => {
        await personKeys.destroy(key);
        return personKeys.create(key, wrapped);
      },
    };
    expect(await sealPerson({ ...deps, personKeys: late }, id, wang)).toEqual({ kind: 'erased' });
  });
});

describe('the key of a person', () => {
  test('that was lost is told from one that was destroyed', async () => {
    const sealed = await sealedOf(wang);
    personKeys.rows.clear();
    expect(await openPerson(deps, id, sealed)).toEqual({ kind: 'unreadable', code: 'person_key_missing' });
  });

  test.each(['', 'pk1', 'pk1.1.', 'pk1.1.AAAA', 'pk2.1.AAAA'])('"%s" is damaged', async (wrapped) => {
    const sealed = await sealedOf(wang);
    personKeys.rows.set(id, { kind: 'live', wrapped });
    expect(await openPerson(deps, id, sealed)).toMatchObject({ code: 'person_key_damaged' });
  });

  test('needs the master key it was wrapped with', async () => {
    const sealed = await sealedOf(wang);
    const unknown = { ...deps, masterKeys: masterKeys(masterKey('2')) };
    expect(await openPerson(unknown, id, sealed)).toMatchObject({ code: 'master_key_unknown' });
    const another = { ...deps, masterKeys: masterKeys(masterKey('1')) };
    expect(await openPerson(another, id, sealed)).toMatchObject({ code: 'person_key_damaged' });
  });

  test('moves to a new master key, and the former one can go', async () => {
    const sealed = await sealedOf(wang);
    const next = masterKey('2');
    const both = masterKeys(next, deps.masterKeys.current);
    expect(await openPerson({ ...deps, masterKeys: both }, id, sealed)).toMatchObject({ kind: 'opened' });
    const row = personKeys.rows.get(id);
    if (row?.kind !== 'live') throw new Error('no key');
    const moved = rewrap(both, id, row.wrapped);
    if (moved.kind !== 'rewrapped') throw new Error(moved.code);
    personKeys.rows.set(id, { kind: 'live', wrapped: moved.wrapped });
    const alone = { ...deps, masterKeys: masterKeys(next) };
    expect(await openPerson(alone, id, sealed)).toEqual({ kind: 'opened', clear: wang });
    expect(rewrap(masterKeys(masterKey('3')), id, moved.wrapped)).toMatchObject({
      code: 'master_key_unknown',
    });
  });
});
