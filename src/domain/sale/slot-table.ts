/**
 * Finds a slot of a struct-of-arrays by its 64-bit key: open addressing over one Int32Array. The keys stay in the
 * slots' own arrays, so an entry costs six bytes. Sized once for all that can ever live at a time; never grows.
 */
import { type Journal, put } from './cells.ts';
import { scramble } from './keys.ts';

export type SlotTable = {
  /** Slot + 1, or 0 where there is none. */
  readonly entries: Int32Array;
  readonly hi: Int32Array;
  readonly lo: Int32Array;
};

/** Two thirds full at most: probing stays short. */
const ENTRIES_PER_SLOT = 1.5;
const TWO_TO_32 = 2 ** 32;

/** `hi` and `lo` are the key halves of all slots; the table refers to them and never writes them. */
export function createSlotTable(hi: Int32Array, lo: Int32Array): SlotTable {
  return { entries: new Int32Array(Math.ceil(hi.length * ENTRIES_PER_SLOT) + 1), hi, lo };
}

/** -1 when no slot has the key. */
export function findSlot(table: SlotTable, hi: number, lo: number): number {
  const { entries } = table;
  let position = homeOf(table, hi, lo);
  for (;;) {
    const slot = (entries[position] ?? 0) - 1;
    if (slot === -1) return -1;
    if (table.lo[slot] === lo && table.hi[slot] === hi) return slot;
    position = position + 1 === entries.length ? 0 : position + 1;
  }
}

/** The slot's key must be written already, and must not be in the table. */
export function insertSlot(journal: Journal, table: SlotTable, slot: number): void {
  const { entries } = table;
  let position = homeOfSlot(table, slot);
  while (entries[position] !== 0) position = position + 1 === entries.length ? 0 : position + 1;
  put(journal, entries, position, slot + 1);
}

/** Closes the gap by moving later entries of the same probe sequence back, so that no tombstones pile up. */
export function removeSlot(journal: Journal, table: SlotTable, slot: number): void {
  const { entries } = table;
  const size = entries.length;
  let gap = homeOfSlot(table, slot);
  while (entries[gap] !== slot + 1) {
    if (entries[gap] === 0) throw new Error(`Slot ${slot} is not in its table.`);
    gap = gap + 1 === size ? 0 : gap + 1;
  }
  let position = gap;
  for (;;) {
    position = position + 1 === size ? 0 : position + 1;
    const entry = entries[position] ?? 0;
    if (entry === 0) break;
    const home = homeOfSlot(table, entry - 1);
    const mayMove = (position - home + size) % size >= (position - gap + size) % size;
    if (!mayMove) continue;
    put(journal, entries, gap, entry);
    gap = position;
  }
  put(journal, entries, gap, 0);
}

function homeOfSlot(table: SlotTable, slot: number): number {
  return homeOf(table, table.hi[slot] ?? 0, table.lo[slot] ?? 0);
}

function homeOf(table: SlotTable, hi: number, lo: number): number {
  const mixed = scramble(lo ^ Math.imul(hi, 0x9e37_79b1)) >>> 0;
  return Math.floor((mixed / TWO_TO_32) * table.entries.length);
}
