/** The screen that terminal tests look at shows what a terminal would. */
import { describe, expect, it } from 'vitest';
import { everShown, screenAfter } from './screen.ts';

const SMALL = { columns: 8, rows: 3 };
const linesOf = (output: string) => screenAfter(output, SMALL).lines;

describe('a screen', () => {
  it.each([
    ['lines', 'one\r\ntwo', ['one', 'two']],
    ['what is written over', 'abcdef\rXY', ['XYcdef']],
    ['what goes on in the next line', 'abcdefghij', ['abcdefgh', 'ij']],
    ['what is cut where it may not', '\u001b[?7labcdefghij', ['abcdefgj']],
    ['what is left of an erased line', 'abcdef\u001b[3G\u001b[K', ['ab']],
    ['nothing of what was erased', 'one\r\ntwo\u001b[H\u001b[J', ['']],
    ['what is drawn again in place', 'one\r\ntwo\u001b[HONE\u001b[K', ['ONE', 'two']],
    ['where it was told to go back to', 'one\u001b7\r\ntwo\u001b8!', ['one!', 'two']],
    ['moves', 'one\r\ntwo\u001b[A\u001b[DX\u001b[BY', ['onX', 'twoY']],
  ])('shows %s', (_, output, lines) => {
    expect(linesOf(output)).toEqual(lines);
  });

  it('scrolls, and says how often', () => {
    expect(screenAfter('1\r\n2\r\n3\r\n4', SMALL)).toMatchObject({ lines: ['2', '3', '4'], scrolled: 1 });
  });

  it('knows whether the cursor is to be seen', () => {
    expect(screenAfter('\u001b[?25l', SMALL).isCursorVisible).toBe(false);
    expect(screenAfter('\u001b[?25l\u001b[?25h', SMALL).isCursorVisible).toBe(true);
  });

  it('refuses what it does not know', () => {
    expect(() => linesOf('\u001b[2Z')).toThrow('does not know');
  });
});

it('Everything that was ever shown is found again, without what moves it.', () => {
  expect(everShown('10%\u001b[K\u001b[1G20%\u001b[1G\u001b[?25h30%\r\ndone')).toEqual([
    '10%',
    '20%',
    '30%',
    'done',
  ]);
});
