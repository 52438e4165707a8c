import { describe, expect, test } from 'vitest';
import {
  programDetailsSchema,
  programEventSpecs,
  programOfferSchema,
  programOfStream,
  programStream,
} from '../../../src/domain/program/index.ts';
import { details, offer, programId } from './fixtures.ts';

const messages = (result: { error?: { issues: readonly { message: string }[] } | undefined }) =>
  result.error?.issues.map(({ message }) => message);

describe('what a program may say', () => {
  test('a title in one language is enough, in none is too little', () => {
    expect(programDetailsSchema.safeParse({ ...details, title: { en: 'Rain' } }).success).toBe(true);
    expect(messages(programDetailsSchema.safeParse({ ...details, title: {} }))).toEqual([
      'needs a Chinese or an English text',
    ]);
  });

  test.each(['javascript:alert(1)', '//elsewhere.example/x.png', 'cover.png'])('%s is no cover', (cover) => {
    expect(messages(programDetailsSchema.safeParse({ ...details, cover }))).toEqual([
      'a cover is an http(s) address or a path',
    ]);
  });

  test('a cover of the web is one', () => {
    const cover = 'https://example.com/first-rain.png';
    expect(programDetailsSchema.safeParse({ ...details, cover }).success).toBe(true);
  });

  test('a ticket category is offered once', () => {
    const ticketCategories = [...offer.ticketCategories, ...offer.ticketCategories];
    expect(messages(programOfferSchema.safeParse({ ...offer, ticketCategories }))).toEqual([
      'a ticket category is named once',
    ]);
  });

  test('no two events of a program have the same type', () => {
    expect(new Set(programEventSpecs.map(({ type }) => type)).size).toBe(programEventSpecs.length);
  });
});

describe('the stream of a program', () => {
  test('is named after it, and says so', () => {
    expect(programStream(programId)).toBe('Program-p-1');
    expect(programOfStream('Program-p-1')).toBe(programId);
  });

  test.each(['Sale-p-1', 'Program-', 'Program-a_b', 'ProgramX-1'])(
    '%s is no stream of a program',
    (stream) => {
      expect(programOfStream(stream)).toBeUndefined();
    },
  );
});
