/** Rows under titles, as wide as what is in them; where that is too wide, without the columns that matter least. */

export type Column<Row> = {
  readonly title: string;
  /** Numbers are easier to compare where their ends are under each other. */
  readonly align: 'left' | 'right';
  /** Which of two is left out first, where there is no room for both: the one with less. Left out: it always stays. */
  readonly weight?: number;
  readonly cell: (row: Row) => string;
};

const GAP = '  ';

/** `maxWidth` in characters; without it, all columns. A line that is still too long is cut. */
export const renderTable = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  maxWidth = Number.POSITIVE_INFINITY,
): readonly string[] => {
  const all = columns.map((column) => drawn(column, rows));
  return laidOut(fitting(all, maxWidth)).map((line) => (line.length > maxWidth ? cut(line, maxWidth) : line));
};

type Drawn = {
  readonly cells: readonly string[];
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly weight: number;
};

const drawn = <Row>(
  { title, cell, align, weight = Number.POSITIVE_INFINITY }: Column<Row>,
  rows: readonly Row[],
): Drawn => {
  const cells = [title, ...rows.map(cell)];
  return { cells, width: Math.max(...cells.map(({ length }) => length)), align, weight };
};

const fitting = (columns: readonly Drawn[], maxWidth: number): readonly Drawn[] => {
  const width = columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);
  const least = Math.min(...columns.map(({ weight }) => weight));
  if (width <= maxWidth || least === Number.POSITIVE_INFINITY) return columns;
  return fitting(
    columns.filter(({ weight }) => weight !== least),
    maxWidth,
  );
};

const laidOut = (columns: readonly Drawn[]): readonly string[] =>
  (columns[0]?.cells ?? []).map((_, row) =>
    columns
      .map(({ cells, width, align }) => {
        const cell = cells[row] ?? '';
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join(GAP)
      .trimEnd(),
  );

const cut = (line: string, maxWidth: number): string => `${line.slice(0, Math.max(0, maxWidth - 1))}…`;
