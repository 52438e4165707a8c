/**
 * What the engine may use to handle personal data. The domain knows none of it: it sees ciphertexts and
 * hashes.
 */
export {
  hashIdDocument,
  type IdDocument,
  normaliseIdNumber,
  type ParsedIdDocument,
  parseIdDocument,
} from './id-document.ts';
export { type IdNumberRefusalCode, idNumberRefusalCodes } from './id-rules.ts';
export { maskIdNumber, maskName } from './mask.ts';
export { createPeople, type People, type PeopleOptions } from './people.ts';
export { type PersonKeys, rewrap, type StoredPersonKey, type WrappedKey } from './person-key.ts';
export { type NameRefusalCode, nameRefusalCodes, type ParsedName, parseName } from './person-name.ts';
export {
  type Clear,
  erasePerson,
  type OpenedPerson,
  openPerson,
  type PersonalField,
  type Sealed,
  type SealedPerson,
  sealPerson,
} from './personal-data.ts';
export {
  type MasterKey,
  type MasterKeys,
  type ParsedKeys,
  parseMasterKeys,
  parseSecretKey,
  type SecretKey,
} from './secret-key.ts';
