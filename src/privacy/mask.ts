/** What is shown of a person where the person need only be recognised. A mask never tells the whole. */

const HIDDEN = '*';
const MAX_SHOWN_PER_END = 4;

const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** The first character as readers see it, then one star, whatever the length: 王小明 → 王*. */
export function maskName(name: string): string {
  const [first, second] = [...characters.segment(name.trim())].map(({ segment }) => segment);
  if (first === undefined) return '';
  return second === undefined ? HIDDEN : first + HIDDEN;
}

/** Four characters at each end, and fewer of a short number: at least half of it stays hidden. */
export function maskIdNumber(number: string): string {
  const shown = Math.min(MAX_SHOWN_PER_END, Math.floor(number.length / 4));
  const hidden = HIDDEN.repeat(number.length - 2 * shown);
  return number.slice(0, shown) + hidden + number.slice(number.length - shown);
}
