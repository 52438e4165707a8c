/**
 * Everything that is done with a person's data, as one value: typed text to sealed text, and back to a masked
 * one.
 */
import type { IdDocumentHash } from '../domain/shared/ids.ts';
import type { Ciphertext, IdType, PersonKeyId } from '../domain/shared/personal-data.ts';
import { hashIdDocument, parseIdDocument } from './id-document.ts';
import type { IdNumberRefusalCode } from './id-rules.ts';
import { maskIdNumber, maskName } from './mask.ts';
import type { PersonKeys } from './person-key.ts';
import { type NameRefusalCode, parseName } from './person-name.ts';
import { openPerson, type Sealed, sealNewPersons, sealPerson } from './personal-data.ts';
import type { MasterKeys, SecretKey } from './secret-key.ts';

export type PeopleOptions = {
  readonly masterKeys: MasterKeys;
  readonly personKeys: PersonKeys;
  readonly idHashKey: SecretKey;
};

type Typed = { readonly name: string; readonly idType: IdType; readonly idNumber: string };
type Masked = { readonly name: string; readonly idNumber: string };

export type People = {
  readonly parse: (
    typed: Typed,
    nowMs: number,
  ) =>
    | { readonly kind: 'valid'; readonly person: Typed; readonly idDocument: IdDocumentHash }
    | { readonly kind: 'refused'; readonly code: NameRefusalCode | IdNumberRefusalCode };
  /** Rejects with what `personKeys` rejects with, and where the key is destroyed or cannot be read. */
  readonly seal: (key: PersonKeyId, clear: Masked) => Promise<Readonly<Record<keyof Masked, Ciphertext>>>;
  /**
   * As `seal`, for many persons none of whom has a key; in their order. Rejects where one has a key already.
   */
  readonly sealNew: (
    persons: readonly { readonly key: PersonKeyId; readonly person: Masked }[],
  ) => Promise<readonly Readonly<Record<keyof Masked, Ciphertext>>[]>;
  readonly mask: (clear: Masked) => Masked;
  /** Nobody sees the clear text. A person who was forgotten is stars. Rejects as `seal` does. */
  readonly openMasked: (key: PersonKeyId, sealed: Sealed) => Promise<Masked>;
};

const FORGOTTEN: Masked = { name: '*', idNumber: '*' };

export const createPeople = (options: PeopleOptions): People => {
  const { idHashKey } = options;
  const mask = ({ name, idNumber }: Masked): Masked => ({
    name: maskName(name),
    idNumber: maskIdNumber(idNumber),
  });
  return {
    parse: (typed, nowMs) => {
      const parsedName = parseName(typed.name);
      if (parsedName.kind === 'refused') return parsedName;
      const parsedDocument = parseIdDocument(typed.idType, typed.idNumber, nowMs);
      if (parsedDocument.kind === 'refused') return parsedDocument;
      const { document } = parsedDocument;
      const person = { name: parsedName.name, idType: document.idType, idNumber: document.number };
      return { kind: 'valid', person, idDocument: hashIdDocument(idHashKey, document) };
    },
    seal: async (key, { name, idNumber }) => {
      const person = await sealPerson(options, key, { name, idNumber });
      if (person.kind === 'sealed') return person.sealed;
      throw new Error(`Person ${key} cannot be sealed: ${codeOf(person)}.`);
    },
    sealNew: (persons) =>
      sealNewPersons(
        options,
        persons.map(({ key, person: { name, idNumber } }) => ({ id: key, clear: { name, idNumber } })),
      ),
    mask,
    openMasked: async (key, { name, idNumber }) => {
      const person = await openPerson(options, key, { name, idNumber });
      if (person.kind === 'opened') return mask(person.clear);
      if (person.kind === 'erased') return FORGOTTEN;
      throw new Error(`Person ${key} cannot be opened: ${person.code}.`);
    },
  };
};

const codeOf = (person: { readonly kind: string; readonly code?: string }): string =>
  person.code ?? person.kind;
