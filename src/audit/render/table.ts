/** Columns for a terminal: as wide as what is in them, the last one as it is. */

const GAP = '  ';
const INDENT = '  ';

/** One line for each row, indented; every column but the last is padded. Wide characters count as two. */
export const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return rows.map((row) => INDENT + row.map((cell, column) => padded(cell, column, row, widths)).join(GAP));
};

const padded = (cell: string, column: number, row: readonly string[], widths: readonly number[]): string =>
  column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell));

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/gu;

const widthOf = (text: string): number => text.length + (text.match(WIDE)?.length ?? 0);

/** A heading and its table; nothing where there are no rows. */
export const section = (title: string, rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : ['', title, ...table(rows)];
