/**
 * Prints figures in columns: the first column is words and stands left, the others are numbers and stand
 * right.
 */

export const formatTable = (header: readonly string[], rows: readonly (readonly string[])[]): string => {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const format = (line: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? '';
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd();
  return [format(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(format)].join(
    '\n',
  );
};

/** A number with so many decimals, or a dash where there is none. */
export const cell = (value: number | undefined, decimals = 0): string =>
  value === undefined ? '-' : value.toFixed(decimals);
