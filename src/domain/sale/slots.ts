/** Numbered slots of a struct-of-arrays: given out from a free list, sized once, never grown. */
import { type Journal, put } from './cells.ts';

export type Slots = {
  readonly capacity: number;
  /** While a slot is free: the free slot after it + 1, or 0. A user of the slot may keep what it likes here. */
  readonly next: Int32Array;
  /** [0]: the first free slot + 1, or 0; [1]: how many slots were ever used. */
  readonly heads: Int32Array;
};

const FIRST_FREE = 0;
const EVER_USED = 1;

export function createSlots(capacity: number): Slots {
  return { capacity, next: new Int32Array(capacity), heads: new Int32Array(2) };
}

export function everUsed(slots: Slots): number {
  return slots.heads[EVER_USED] ?? 0;
}

/** Throws when all are taken: the callers' rules keep their number below the capacity. */
export function takeSlot(journal: Journal, slots: Slots): number {
  const recycled = (slots.heads[FIRST_FREE] ?? 0) - 1;
  if (recycled >= 0) {
    put(journal, slots.heads, FIRST_FREE, slots.next[recycled] ?? 0);
    put(journal, slots.next, recycled, 0);
    return recycled;
  }
  const fresh = everUsed(slots);
  if (fresh >= slots.capacity) throw new Error(`All ${slots.capacity} slots are taken.`);
  put(journal, slots.heads, EVER_USED, fresh + 1);
  return fresh;
}

export function giveSlotBack(journal: Journal, slots: Slots, slot: number): void {
  put(journal, slots.next, slot, slots.heads[FIRST_FREE] ?? 0);
  put(journal, slots.heads, FIRST_FREE, slot + 1);
}
