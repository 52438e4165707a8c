/** Rows under titles, as wide as what is in them. */

export type Column<Row> = {
  readonly title: string;
  /** Numbers are easier to compare where their ends are under each other. */
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
};

export const renderTable = <Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): readonly string[] => {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return columns[column]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
};
