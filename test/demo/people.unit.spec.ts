import { describe, expect, it } from 'vitest';
import { demoPeople } from '../../src/demo/people.ts';
import { parseIdDocument, parseName } from '../../src/privacy/index.ts';

const SEED = 20_260_101;
const COUNT = 20_000;

describe('people who do not exist', () => {
  const people = demoPeople(SEED, COUNT);

  it('have names and id numbers as people have them', () => {
    const nowMs = Date.UTC(2026, 0, 1);
    for (const { name, idType, idNumber } of people) {
      expect(parseName(name)).toEqual({ kind: 'valid', name });
      expect(parseIdDocument(idType, idNumber, nowMs).kind).toBe('valid');
    }
  });

  it('have a document each', () => {
    expect(new Set(people.map(({ idNumber }) => idNumber)).size).toBe(COUNT);
  });

  it('are the same by the same seed, and others by another', () => {
    expect(demoPeople(SEED, 3)).toEqual(people.slice(0, 3));
    expect(demoPeople(SEED + COUNT, 1)).not.toEqual(people.slice(0, 1));
  });
});
