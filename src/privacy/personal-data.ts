/**
 * Seals and opens what is known of a person. A ciphertext belongs to its person and its field: put anywhere
 * else, it does not open. After the person's key is destroyed, nothing of it opens again.
 */
import { type Ciphertext, ciphertextSchema, type PersonKeyId } from '../domain/shared/personal-data.ts';
import { bytesOf, open, seal } from './aead.ts';
import {
  newWrappedKey,
  type PersonKeys,
  type StoredPersonKey,
  type UnwrappedKey,
  unwrap,
} from './person-key.ts';
import type { MasterKeys } from './secret-key.ts';

const PURPOSE = 'seatlog/personal-data/1';
const PREFIX = 'pd1.';
/** Lengths are rounded up to this, so that a ciphertext does not tell two characters from three. */
const PADDED_BYTES = 32;
const PAD_MARK = 0x80;
/** Of UTF-8; the longest name and the longest number are far below. */
const MAX_CLEAR_BYTES = 1_024;

export type PersonalField = 'name' | 'idNumber';
export type Clear = Readonly<Record<PersonalField, string>>;
export type Sealed = Readonly<Record<PersonalField, Ciphertext>>;

type Deps = { readonly masterKeys: MasterKeys; readonly personKeys: PersonKeys };

/** The person was forgotten. */
type Erased = { readonly kind: 'erased' };
/** Somebody has to look: a wrong configuration, a lost key, or a changed text. */
type Unreadable = {
  readonly kind: 'unreadable';
  readonly code: 'person_key_missing' | 'person_key_damaged' | 'master_key_unknown' | 'ciphertext_damaged';
};

export type SealedPerson = { readonly kind: 'sealed'; readonly sealed: Sealed } | Erased | Unreadable;
export type OpenedPerson = { readonly kind: 'opened'; readonly clear: Clear } | Erased | Unreadable;

/** Makes the person's key when there is none. Throws what `personKeys` throws, and for texts beyond 1 KiB. */
export async function sealPerson(deps: Deps, id: PersonKeyId, clear: Clear): Promise<SealedPerson> {
  const { masterKeys, personKeys } = deps;
  const stored = (await personKeys.get(id)) ?? (await personKeys.create(id, newWrappedKey(masterKeys, id)));
  const key = keyOf(masterKeys, id, stored);
  if (key.kind !== 'key') return key;
  return { kind: 'sealed', sealed: sealFields(key.bytes, id, clear) };
}

/**
 * For persons none of whom has a key: all keys are stored in one go. Throws as `sealPerson` does, and where one has a
 * key already.
 */
export async function sealNewPersons(
  { masterKeys, personKeys }: Deps,
  persons: readonly { readonly id: PersonKeyId; readonly clear: Clear }[],
): Promise<readonly Sealed[]> {
  const keys = persons.map(({ id }) => ({ id, wrapped: newWrappedKey(masterKeys, id) }));
  await personKeys.createAll(keys);
  return persons.map(({ id, clear }, index) => {
    const key = unwrap(masterKeys, id, keys[index]?.wrapped ?? '');
    if (key.kind !== 'key') throw new Error(`The new key ${id} cannot be read: ${key.code}.`);
    return sealFields(key.bytes, id, clear);
  });
}

function sealFields(key: Uint8Array, id: PersonKeyId, clear: Clear): Sealed {
  const sealField = (field: PersonalField): Ciphertext => {
    const sealed = seal(key, pad(clear[field]), [PURPOSE, id, field]);
    return ciphertextSchema.parse(PREFIX + sealed.toString('base64url'));
  };
  return { name: sealField('name'), idNumber: sealField('idNumber') };
}

/** Throws what `personKeys` throws. */
export async function openPerson(deps: Deps, id: PersonKeyId, sealed: Sealed): Promise<OpenedPerson> {
  const key = keyOf(deps.masterKeys, id, await deps.personKeys.get(id));
  if (key.kind !== 'key') return key;
  const name = openField(key.bytes, id, 'name', sealed.name);
  const number = openField(key.bytes, id, 'idNumber', sealed.idNumber);
  if (name === undefined || number === undefined) return { kind: 'unreadable', code: 'ciphertext_damaged' };
  return { kind: 'opened', clear: { name, idNumber: number } };
}

/** Forgets the person for good. May be repeated. Throws what `personKeys` throws. */
export async function erasePerson({ personKeys }: Deps, id: PersonKeyId): Promise<void> {
  await personKeys.destroy(id);
}

function keyOf(
  keys: MasterKeys,
  id: PersonKeyId,
  stored: StoredPersonKey | undefined,
): Exclude<UnwrappedKey, { kind: 'unreadable' }> | Erased | Unreadable {
  if (stored === undefined) return { kind: 'unreadable', code: 'person_key_missing' };
  return stored.kind === 'destroyed' ? { kind: 'erased' } : unwrap(keys, id, stored.wrapped);
}

function openField(
  key: Uint8Array,
  id: PersonKeyId,
  field: PersonalField,
  ciphertext: Ciphertext,
): string | undefined {
  if (!ciphertext.startsWith(PREFIX)) return undefined;
  const sealed = bytesOf(ciphertext.slice(PREFIX.length));
  const padded = sealed && open(key, sealed, [PURPOSE, id, field]);
  return padded?.subarray(0, padded.lastIndexOf(PAD_MARK)).toString('utf8');
}

/** A mark and zeros behind the text, as in ISO 7816-4. */
function pad(text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > MAX_CLEAR_BYTES) {
    throw new RangeError(`${bytes.length} bytes of personal data; a field has at most ${MAX_CLEAR_BYTES}.`);
  }
  const padded = Buffer.alloc(Math.ceil((bytes.length + 1) / PADDED_BYTES) * PADDED_BYTES);
  bytes.copy(padded);
  padded[bytes.length] = PAD_MARK;
  return padded;
}
