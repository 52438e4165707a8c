/**
 * One key per person, wrapped by the master key and kept in a table of its own, which no rebuild touches. To
 * destroy it is to forget the person, in the log and in every backup of the log.
 */
import { randomBytes } from 'node:crypto';
import type { PersonKeyId } from '../domain/shared/personal-data.ts';
import { bytesOf, open, seal } from './aead.ts';
import { type MasterKeys, masterKeyOf } from './secret-key.ts';

const PURPOSE = 'seatlog/person-key/1';
const PERSON_KEY_BYTES = 32;
const WRAPPED = /^pk1\.([0-9a-z]{1,16})\.([0-9A-Za-z_-]+)$/;

/** `pk1.{master key id}.{base64url}`. */
export type WrappedKey = string;

export type StoredPersonKey =
  | { readonly kind: 'live'; readonly wrapped: WrappedKey }
  | { readonly kind: 'destroyed' };

/** The table of keys. */
export type PersonKeys = {
  readonly get: (id: PersonKeyId) => Promise<StoredPersonKey | undefined>;
  /** Stores the key unless there is one, live or destroyed; answers what is stored now. */
  readonly create: (id: PersonKeyId, wrapped: WrappedKey) => Promise<StoredPersonKey>;
  /** Stores new keys, all or none. Rejects where there is one of these already, live or destroyed. */
  readonly createAll: (
    keys: readonly { readonly id: PersonKeyId; readonly wrapped: WrappedKey }[],
  ) => Promise<void>;
  /** Leaves a mark, so that the key never comes back. May be repeated, and may come before `create`. */
  readonly destroy: (id: PersonKeyId) => Promise<void>;
};

export type UnwrappedKey =
  | { readonly kind: 'key'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable'; readonly code: 'master_key_unknown' | 'person_key_damaged' };

export function newWrappedKey(keys: MasterKeys, id: PersonKeyId): WrappedKey {
  return wrap(keys, id, randomBytes(PERSON_KEY_BYTES));
}

export function unwrap(keys: MasterKeys, id: PersonKeyId, wrapped: WrappedKey): UnwrappedKey {
  const [, masterKeyId = '', body = ''] = WRAPPED.exec(wrapped) ?? [];
  const sealed = bytesOf(body);
  if (masterKeyId === '' || sealed === undefined) return { kind: 'unreadable', code: 'person_key_damaged' };
  const master = masterKeyOf(keys, masterKeyId);
  if (master === undefined) return { kind: 'unreadable', code: 'master_key_unknown' };
  const bytes = open(master.bytes, sealed, [PURPOSE, masterKeyId, id]);
  return bytes === undefined ? { kind: 'unreadable', code: 'person_key_damaged' } : { kind: 'key', bytes };
}

/** The same key under the current master key, for the day the former one is to go. */
export function rewrap(
  keys: MasterKeys,
  id: PersonKeyId,
  wrapped: WrappedKey,
):
  | { readonly kind: 'rewrapped'; readonly wrapped: WrappedKey }
  | Extract<UnwrappedKey, { kind: 'unreadable' }> {
  const unwrapped = unwrap(keys, id, wrapped);
  if (unwrapped.kind === 'unreadable') return unwrapped;
  return { kind: 'rewrapped', wrapped: wrap(keys, id, unwrapped.bytes) };
}

function wrap({ current }: MasterKeys, id: PersonKeyId, bytes: Uint8Array): WrappedKey {
  return `pk1.${current.id}.${seal(current.bytes, bytes, [PURPOSE, current.id, id]).toString('base64url')}`;
}
