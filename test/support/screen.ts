/** What a person sees who looks at a terminal: the text that a program has written, after everything that moves and erases. */

export type Screen = {
  /** From the top, without blanks at their ends; as many as were written to. */
  readonly lines: readonly string[];
  readonly isCursorVisible: boolean;
  /** Whether what is too long goes on in the next line. */
  readonly isWrapping: boolean;
  /** How often the terminal had to make room at its end. */
  readonly scrolled: number;
};

export type Size = { readonly columns: number; readonly rows: number };

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told with.
const TOKEN = /\u001b\[([?\d;]*)([A-Za-z])|\u001b([78=>])|[\s\S]/gu;

/** Knows what our programs write: cursor moves, erasing, modes. Throws for what it does not know. */
export function screenAfter(output: string, { columns, rows }: Size): Screen {
  const cells: string[][] = [];
  let [row, column] = [0, 0];
  let saved: readonly [number, number] = [0, 0];
  let [isCursorVisible, isWrapping, scrolled] = [true, true, 0];
  const lineAt = (index: number): string[] => {
    while (cells.length <= index) cells.push([]);
    return cells[index] ?? [];
  };
  const down = (): void => {
    if (row < rows - 1) row += 1;
    else {
      cells.shift();
      scrolled += 1;
    }
    lineAt(row);
  };
  const put = (character: string): void => {
    if (column >= columns) {
      if (isWrapping) {
        column = 0;
        down();
      } else column = columns - 1;
    }
    const line = lineAt(row);
    while (line.length < column) line.push(' ');
    line[column] = character;
    column += 1;
  };
  const erase = (how: string, many: string): void => {
    const line = lineAt(row);
    if (how === 'K') {
      if (many === '' || many === '0') line.length = Math.min(line.length, column);
      else line.fill(' ', 0, many === '2' ? undefined : column + 1);
      return;
    }
    if (many === '2') for (const each of cells) each.length = 0;
    else {
      line.length = Math.min(line.length, column);
      cells.length = row + 1;
    }
  };
  const control = (parameters: string, how: string): void => {
    const [first = 1, second = 1] = parameters.split(';').map((text) => Number(text || 1));
    if (how === 'm') return;
    if (how === 'h' || how === 'l') {
      if (parameters === '?25') isCursorVisible = how === 'h';
      else if (parameters === '?7') isWrapping = how === 'h';
      else if (parameters !== '?2004')
        throw new Error(`A mode that this screen does not know: ${parameters}`);
    } else if (how === 'J' || how === 'K') erase(how, parameters);
    else if (how === 'H') [row, column] = [first - 1, second - 1];
    else if (how === 'G') column = first - 1;
    else if (how === 'A') row = Math.max(0, row - first);
    else if (how === 'B') row = Math.min(rows - 1, row + first);
    else if (how === 'C') column = Math.min(columns - 1, column + first);
    else if (how === 'D') column = Math.max(0, column - first);
    else throw new Error(`Something that this screen does not know: ${parameters}${how}`);
  };
  for (const [text, parameters, how, mode] of output.matchAll(TOKEN)) {
    if (how !== undefined) control(parameters ?? '', how);
    else if (mode === '7') saved = [row, column];
    else if (mode === '8') [row, column] = saved;
    else if (text === '\n') down();
    else if (text === '\r') column = 0;
    else if (text === '\b') column = Math.max(0, column - 1);
    else if (mode === undefined && text >= ' ') put(text);
  }
  const lines = cells.map((line) =>
    line
      .map((cell) => cell ?? ' ')
      .join('')
      .trimEnd(),
  );
  return { lines, isCursorVisible, isWrapping, scrolled };
}

/** Every line that was ever shown, also those that others were written over. */
export const everShown = (output: string): readonly string[] =>
  output
    .replaceAll('\u001b[1G', '\r')
    .replaceAll('\u001b[H', '\r')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are told with.
    .replaceAll(/\u001b(?:\[[?\d;]*[A-Za-z]|[78=>])/g, '')
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd());
