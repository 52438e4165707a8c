/**
 * The next revision of every stream that was seen, in a flat table without an object for each: a log has millions of
 * streams, most of them short.
 *
 * Streams are told apart by a hash of 64 bits. Among ten million of them the odds that two share one, and that a gap is
 * reported where there is none, are one in 300,000.
 */

/** Two of the hash, and the next revision modulo 2^32: no stream lacks that many events by chance. */
const WORDS = 3;
const FIRST_CAPACITY = 1_024;
/** Searching gets slow where a table is fuller. */
const MOST_FULL = 0.8;

export type Revisions = {
  /** Notes an event, and answers how it follows the one of its stream that was noted before. */
  readonly note: (stream: string, revision: bigint) => 'first' | 'next' | 'gap';
  /**
   * The streams that were noted since it was asked last: two words of the hash of each, and its next revision. It is what
   * `known` takes, in any order. Empty unless they are `remembered`.
   */
  readonly touched: () => Uint32Array;
  /** Memory of the table. */
  readonly bytes: () => number;
};

export type RevisionsOptions = {
  readonly fromStart: boolean;
  /** Of reading that was interrupted. */
  readonly known?: readonly Uint32Array[];
  readonly remembered?: boolean;
};

/**
 * A stream that was not seen yet begins at 0, unless the log is read from somewhere in its midst. 15 to 30 bytes a
 * stream, half as much again for a moment whenever the table grows.
 */
export const createRevisions = (options: RevisionsOptions): Revisions => {
  const { fromStart, known = [], remembered = false } = options;
  let table = new Uint32Array(FIRST_CAPACITY * WORDS);
  let streams = 0;
  const key = new Uint32Array(2);
  // Neighbours in the log are often of one stream.
  let lastStream: string | undefined;
  let lastSlot = 0;
  let touched: number[] = [];

  const grow = (): void => {
    const larger = new Uint32Array(table.length * 2);
    for (let slot = 0; slot < table.length; slot += WORDS) {
      if (isFree(table, slot)) continue;
      larger.set(table.subarray(slot, slot + WORDS), slotOf(larger, table[slot] ?? 0, table[slot + 1] ?? 0));
    }
    table = larger;
    lastStream = undefined;
  };
  const put = (slot: number, one: number, other: number, next: number): void => {
    const isNew = isFree(table, slot);
    table[slot] = one;
    table[slot + 1] = other;
    table[slot + 2] = next;
    if (!isNew) return;
    streams += 1;
    if (streams > (table.length / WORDS) * MOST_FULL) grow();
  };
  for (const words of known) {
    for (let at = 0; at < words.length; at += WORDS) {
      const [one = 0, other = 0, next = 0] = words.subarray(at, at + WORDS);
      const slot = slotOf(table, one, other);
      put(slot, one, other, Math.max(next, table[slot + 2] ?? 0));
    }
  }

  return {
    note: (stream, revision) => {
      if (stream !== lastStream) {
        hashInto(key, stream);
        lastSlot = slotOf(table, key[0] ?? 0, key[1] ?? 0);
        lastStream = stream;
        if (remembered) touched.push(key[0] ?? 0, key[1] ?? 0);
      }
      const slot = lastSlot;
      const word = Number(BigInt.asUintN(32, revision));
      const isNew = isFree(table, slot);
      const isNext = isNew ? revision === 0n || !fromStart : word === table[slot + 2];
      if (isNew) put(slot, key[0] ?? 0, key[1] ?? 0, word + 1);
      else table[slot + 2] = word + 1;
      if (!isNext) return 'gap';
      return revision === 0n ? 'first' : 'next';
    },
    touched: () => {
      const met = new Set<number>();
      const words: number[] = [];
      for (let at = 0; at < touched.length; at += 2) {
        const [one = 0, other = 0] = [touched[at], touched[at + 1]];
        const slot = slotOf(table, one, other);
        if (met.has(slot)) continue;
        met.add(slot);
        words.push(one, other, table[slot + 2] ?? 0);
      }
      touched = [];
      lastStream = undefined;
      return Uint32Array.from(words);
    },
    bytes: () => table.byteLength,
  };
};

const isFree = (table: Uint32Array, slot: number): boolean => table[slot] === 0 && table[slot + 1] === 0;

/** Where this key is, or the free place where it belongs. There always is one, since a table is never full. */
const slotOf = (table: Uint32Array, one: number, other: number): number => {
  const capacity = table.length / WORDS;
  for (let index = one & (capacity - 1); ; index = (index + 1) & (capacity - 1)) {
    const slot = index * WORDS;
    if (isFree(table, slot) || (table[slot] === one && table[slot + 1] === other)) return slot;
  }
};

/** Two multiplicative hashes, each stirred into the other at the end; never 0 and 0, which stands for a free place. */
const hashInto = (key: Uint32Array, text: string): void => {
  let one = 0xdeadbeef;
  let other = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2_654_435_761);
    other = Math.imul(other ^ code, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(other ^ (other >>> 13), 3_266_489_909);
  other = Math.imul(other ^ (other >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  key[0] = one;
  key[1] = other;
  if (key[0] === 0 && key[1] === 0) key[1] = 1;
};
