/**
 * One form for what is searched and what is searched for, so that plain substrings find words in either
 * language without any extension of the database.
 */
import type { ProgramDetails } from '../../domain/program/index.ts';

const MAX_WORDS = 10;

/** Chinese has no spaces between words; a name that is cut in two is still found, part by part. */
const chineseWords = new Intl.Segmenter('zh', { granularity: 'word' });

/** Full-width letters become ordinary ones, capitals small ones, any run of blanks one space. */
export const searchable = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

export const searchTextOf = ({ title, city, venue, genre }: ProgramDetails): string =>
  [title.zh, title.en, city.zh, city.en, venue.zh, venue.en, genre]
    .flatMap((text) => (text === undefined ? [] : [searchable(text)]))
    .join('\n');

/** Each is to be found somewhere in the search text; 周杰伦上海 asks for a name and a city. */
export const wordsOf = (query: string): readonly string[] => {
  const words = [...chineseWords.segment(searchable(query))].flatMap(({ segment, isWordLike }) =>
    isWordLike === true ? [segment] : [],
  );
  return [...new Set(words)].slice(0, MAX_WORDS);
};
