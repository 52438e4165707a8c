/**
 * Everything that changes in a sale's state is a cell of a typed array and is written here. While a journal is
 * open it keeps what was overwritten, so that decisions whose append lost a race can be taken back without
 * folding the stream again.
 */
export type Cells = Int32Array | Float64Array;

export type Journal = {
  open: boolean;
  readonly cells: Cells[];
  readonly indexes: number[];
  readonly values: number[];
};

export function createJournal(): Journal {
  return { open: false, cells: [], indexes: [], values: [] };
}

export function put(journal: Journal, cells: Cells, index: number, value: number): void {
  if (journal.open) {
    journal.cells.push(cells);
    journal.indexes.push(index);
    journal.values.push(cells[index] ?? 0);
  }
  cells[index] = value;
}

export function add(journal: Journal, cells: Cells, index: number, change: number): void {
  put(journal, cells, index, (cells[index] ?? 0) + change);
}

/** Keeps what was written since the journal was opened. */
export function closeJournal(journal: Journal): void {
  journal.open = false;
  journal.cells.length = 0;
  journal.indexes.length = 0;
  journal.values.length = 0;
}

/** Puts back, newest first, what was overwritten since the journal was opened. */
export function undoJournal(journal: Journal): void {
  for (let entry = journal.cells.length - 1; entry >= 0; entry -= 1) {
    const cells = journal.cells[entry];
    if (cells !== undefined) cells[journal.indexes[entry] ?? 0] = journal.values[entry] ?? 0;
  }
  closeJournal(journal);
}
