/**
 * The secrets of the configuration: master keys, which wrap the key of each person, and the key of the
 * hashes.
 */

const KEY_BYTES = 32;
const KEY_ID = /^[0-9a-z]{1,16}$/;

export type SecretKey = { readonly bytes: Uint8Array };
/** `id` is written beside what the key has wrapped, so that keys may follow each other. */
export type MasterKey = SecretKey & { readonly id: string };

/** What is wrapped now is wrapped with `current`; the former ones only unwrap. */
export type MasterKeys = { readonly current: MasterKey; readonly former: readonly MasterKey[] };

export type ParsedKeys<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'refused'; readonly code: 'key_malformed' | 'key_id_repeated' };

/** 32 bytes as base64, as `openssl rand -base64 32` prints them. */
export function parseSecretKey(text: string): ParsedKeys<SecretKey> {
  const bytes = Buffer.from(text, 'base64');
  const isExact = bytes.length === KEY_BYTES && bytes.toString('base64') === text;
  return isExact ? { kind: 'valid', value: { bytes } } : { kind: 'refused', code: 'key_malformed' };
}

/** `2:base64,1:base64`: ids of small letters and digits, the current key first. */
export function parseMasterKeys(text: string): ParsedKeys<MasterKeys> {
  const keys: MasterKey[] = [];
  for (const part of text.split(',')) {
    const colon = part.indexOf(':');
    const id = part.slice(0, Math.max(colon, 0));
    const parsed = parseSecretKey(part.slice(colon + 1));
    if (!KEY_ID.test(id) || parsed.kind === 'refused') return { kind: 'refused', code: 'key_malformed' };
    if (keys.some((key) => key.id === id)) return { kind: 'refused', code: 'key_id_repeated' };
    keys.push({ id, ...parsed.value });
  }
  const [current, ...former] = keys;
  if (current === undefined) return { kind: 'refused', code: 'key_malformed' };
  return { kind: 'valid', value: { current, former } };
}

export function masterKeyOf(keys: MasterKeys, id: string): MasterKey | undefined {
  return [keys.current, ...keys.former].find((key) => key.id === id);
}
