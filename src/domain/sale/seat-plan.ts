/**
 * The hall as seat choice sees it, built once from the layout and never changed. Seats that can be sold side by
 * side form a block: no aisle, no blocked seat between them, and all ordinary or all accessible. The blocks of a
 * category are numbered from its focal point outwards, so "the best" is always "the first".
 */
import type { Layout, SeatedCategory } from './layout.ts';
import { type Row, rowsOf, type SeatKind } from './rows.ts';

/** The seats of one category that are given alike: its ordinary seats, or its accessible ones. */
export type Pool = {
  readonly category: number;
  readonly accessible: boolean;
  readonly seatCount: number;
  /** Blocks from here on are this pool's, best first. The blocks of a row stand together. */
  readonly firstBlock: number;
  readonly blockCount: number;
  readonly focusX: number;
  /** Blocks one behind the other in neighbouring rows, best first. */
  readonly pairs: BlockPairs;
};
export type BlockPairs = { readonly front: Int32Array; readonly back: Int32Array };
type BlockPair = { readonly front: number; readonly back: number };

export type Block = {
  readonly pool: number;
  readonly firstSeat: number;
  readonly length: number;
  /** Where its first seat is; the next is one further. */
  readonly x: number;
  /** Tells rows apart within the pool. */
  readonly row: number;
};

/** A block to each index: as objects, the blocks of a large hall would weigh more than its orders. */
type Blocks = {
  readonly pool: Int32Array;
  readonly firstSeat: Int32Array;
  readonly length: Int32Array;
  readonly x: Float64Array;
  readonly row: Int32Array;
  /** Where in `pairs` the block's are: from its own entry to the next block's. */
  readonly pairsFrom: Int32Array;
  /** Places in the pool's list of pairs. */
  readonly pairs: Int32Array;
};

export type SeatPlan = {
  readonly seatCount: number;
  /** -1 for a blocked seat. */
  readonly blockOfSeat: Int32Array;
  readonly blockCount: number;
  readonly blocks: Blocks;
  /** Two for each category of the layout: ordinary, then accessible. */
  readonly pools: readonly Pool[];
};

type Draft = { firstSeat: number; length: number; x: number; row: Row; rowIndex: number; distance: number };

const CENTRE_FRONT = { x: 0, y: 0 };

export function createSeatPlan(layout: Layout): SeatPlan {
  const blocks: Block[] = [];
  const pairsOfBlock: number[][] = [];
  const pools: Pool[] = [];
  let seatCount = 0;
  for (const [category, terms] of layout.entries()) {
    const rows = terms.kind === 'seated' ? rowsOf(terms) : [];
    const focus = (terms.kind === 'seated' ? terms.focus : undefined) ?? CENTRE_FRONT;
    for (const kind of ['ordinary', 'accessible'] as const) {
      const firstBlock = blocks.length;
      const drafts = blocksOf(rows, kind, focus);
      const pairs = pairsOf(drafts, firstBlock);
      for (const { firstSeat, length, x, rowIndex } of drafts) {
        blocks.push({ pool: pools.length, firstSeat: seatCount + firstSeat, length, x, row: rowIndex });
        pairsOfBlock.push([]);
      }
      for (const [index, { front, back }] of pairs.entries()) {
        pairsOfBlock[front]?.push(index);
        pairsOfBlock[back]?.push(index);
      }
      pools.push({
        category,
        accessible: kind === 'accessible',
        seatCount: drafts.reduce((sum, draft) => sum + draft.length, 0),
        firstBlock,
        blockCount: drafts.length,
        focusX: focus.x,
        pairs: {
          front: Int32Array.from(pairs, ({ front }) => front),
          back: Int32Array.from(pairs, ({ back }) => back),
        },
      });
    }
    seatCount += rows.reduce((sum, row) => sum + row.pattern.labels.length, 0);
  }
  const blockOfSeat = numberSeats(seatCount, blocks);
  return {
    seatCount,
    blockOfSeat,
    blockCount: blocks.length,
    blocks: inColumns(blocks, pairsOfBlock),
    pools,
  };
}

/** Undefined when there is no such block. */
export function blockAt({ blocks }: SeatPlan, number: number): Block | undefined {
  const pool = blocks.pool[number];
  if (pool === undefined) return undefined;
  return {
    pool,
    firstSeat: blocks.firstSeat[number] ?? 0,
    length: blocks.length[number] ?? 0,
    x: blocks.x[number] ?? 0,
    row: blocks.row[number] ?? 0,
  };
}

/** The pairs that a block is in, as places in its pool's list of pairs. */
export function pairsOfBlock({ blocks }: SeatPlan, number: number): Int32Array {
  return blocks.pairs.subarray(blocks.pairsFrom[number], blocks.pairsFrom[number + 1]);
}

function inColumns(blocks: readonly Block[], pairsOfBlock: readonly (readonly number[])[]): Blocks {
  const pairsFrom = new Int32Array(blocks.length + 1);
  for (const [index, pairs] of pairsOfBlock.entries()) {
    pairsFrom[index + 1] = (pairsFrom[index] ?? 0) + pairs.length;
  }
  return {
    pool: Int32Array.from(blocks, ({ pool }) => pool),
    firstSeat: Int32Array.from(blocks, ({ firstSeat }) => firstSeat),
    length: Int32Array.from(blocks, ({ length }) => length),
    x: Float64Array.from(blocks, ({ x }) => x),
    row: Int32Array.from(blocks, ({ row }) => row),
    pairsFrom,
    pairs: Int32Array.from(pairsOfBlock.flat()),
  };
}

function blocksOf(rows: readonly Row[], kind: SeatKind, focus: SeatedCategory['focus']): Draft[] {
  const drafts: Draft[] = [];
  for (const [rowIndex, row] of rows.entries()) {
    const distance = distanceOf(row, focus ?? CENTRE_FRONT);
    let open: Draft | undefined;
    let previousOffset = Number.NEGATIVE_INFINITY;
    for (const [seat, offset] of row.pattern.offsets.entries()) {
      if (row.pattern.kinds[seat] !== kind) {
        open = undefined;
        continue;
      }
      if (open === undefined || offset !== previousOffset + 1) {
        open = { firstSeat: row.firstSeat + seat, length: 0, x: row.x + offset, row, rowIndex, distance };
        drafts.push(open);
      }
      open.length += 1;
      previousOffset = offset;
    }
  }
  return drafts.sort(
    (one, other) =>
      one.distance - other.distance || one.rowIndex - other.rowIndex || one.firstSeat - other.firstSeat,
  );
}

/** Squared, from the focal point to the nearest point of the row: halves and wholes only, so it is exact. */
function distanceOf(row: Row, focus: { readonly x: number; readonly y: number }): number {
  const right = row.x + (row.pattern.offsets.at(-1) ?? 0);
  const dx = Math.max(row.x - focus.x, focus.x - right, 0);
  const dy = row.y - focus.y;
  return dx * dx + dy * dy;
}

/** Rows are neighbours when they follow each other in a section; their blocks when one stands behind the other. */
function pairsOf(drafts: readonly Draft[], firstBlock: number): BlockPair[] {
  const byRow = new Map<number, { draft: Draft; block: number }[]>();
  for (const [index, draft] of drafts.entries()) {
    const entry = { draft, block: firstBlock + index };
    const row = byRow.get(draft.rowIndex);
    if (row === undefined) byRow.set(draft.rowIndex, [entry]);
    else row.push(entry);
  }
  const pairs: BlockPair[] = [];
  for (const [rowIndex, fronts] of byRow) {
    const backs = byRow.get(rowIndex + 1) ?? [];
    let from = 0;
    for (const front of fronts) {
      // Both rows go from left to right, so what ended before this block ends before every later one.
      while (from < backs.length && endOf(backs[from]?.draft) < front.draft.x) from += 1;
      for (let at = from; at < backs.length; at += 1) {
        const back = backs[at];
        if (back === undefined || back.draft.x > endOf(front.draft)) break;
        if (back.draft.row.sectionIndex !== front.draft.row.sectionIndex) break;
        pairs.push({ front: front.block, back: back.block });
      }
    }
  }
  return pairs.sort(
    (one, other) =>
      Math.min(one.front, one.back) - Math.min(other.front, other.back) ||
      Math.max(one.front, one.back) - Math.max(other.front, other.back),
  );
}

function endOf(draft: Draft | undefined): number {
  return draft === undefined ? Number.NEGATIVE_INFINITY : draft.x + draft.length - 1;
}

function numberSeats(seatCount: number, blocks: readonly Block[]): Int32Array {
  const blockOfSeat = new Int32Array(seatCount).fill(-1);
  for (const [index, block] of blocks.entries()) {
    blockOfSeat.fill(index, block.firstSeat, block.firstSeat + block.length);
  }
  return blockOfSeat;
}
