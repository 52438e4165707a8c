/**
 * Which seats are free, and the index that finds the best ones without looking at the hall. Every block has a
 * mask of the lengths of its free runs; trees over the blocks of a pool, best first, join the masks, so finding
 * the first block that can take a party costs a path, and so does keeping the trees right.
 */
import { add, type Journal, put } from './cells.ts';
import { blockAt, pairsOfBlock, type SeatPlan } from './seat-plan.ts';

export type Seating = {
  readonly plan: SeatPlan;
  readonly journal: Journal;
  /** Who has the seat: 0 for nobody, else the holder's number, which means nothing here. */
  readonly holderOfSeat: Int32Array;
  /** Free seats of each pool. */
  readonly free: Int32Array;
  /** For each pool: bit n of a leaf says that its block has a free run of exactly n seats, bit 31 of 31 or more. */
  readonly runTrees: readonly Int32Array[];
  /** For each pool: the sum of the longest runs of the two blocks of a pair, as far as bit 31 tells. */
  readonly pairTrees: readonly Int32Array[];
};

const LONGEST_TOLD_APART = 31;

export function createSeating(plan: SeatPlan, journal: Journal): Seating {
  const seating: Seating = {
    plan,
    journal,
    holderOfSeat: new Int32Array(plan.seatCount),
    free: Int32Array.from(plan.pools, (pool) => pool.seatCount),
    runTrees: plan.pools.map((pool) => createTree(pool.blockCount)),
    pairTrees: plan.pools.map((pool) => createTree(pool.pairs.front.length)),
  };
  for (let block = 0; block < plan.blockCount; block += 1) refreshBlock(seating, block);
  return seating;
}

export function isFree(seating: Seating, seat: number): boolean {
  return seating.holderOfSeat[seat] === 0 && (seating.plan.blockOfSeat[seat] ?? -1) >= 0;
}

/** Throws when a seat is taken already: two owners of one seat are never folded, whatever the log says. */
export function occupySeat(seating: Seating, seat: number, holder: number): void {
  if (!isFree(seating, seat)) throw new Error(`Seat ${seat} is given to a second owner.`);
  setHolder(seating, seat, holder, -1);
}

export function vacateSeat(seating: Seating, seat: number): void {
  if (isFree(seating, seat)) throw new Error(`Seat ${seat} is given back and has no owner.`);
  setHolder(seating, seat, 0, 1);
}

function setHolder(seating: Seating, seat: number, holder: number, freed: number): void {
  put(seating.journal, seating.holderOfSeat, seat, holder);
  const block = seating.plan.blockOfSeat[seat] ?? -1;
  add(seating.journal, seating.free, seating.plan.blocks.pool[block] ?? -1, freed);
}

/** To be called for the blocks of all seats that were occupied or vacated, before the next choice. */
export function refreshBlocksOf(seating: Seating, seats: readonly number[]): void {
  let refreshed = -1;
  for (const seat of seats) {
    const block = seating.plan.blockOfSeat[seat] ?? -1;
    if (block !== refreshed) refreshBlock(seating, block);
    refreshed = block;
  }
}

function refreshBlock(seating: Seating, blockNumber: number): void {
  const block = blockAt(seating.plan, blockNumber);
  const pool = block === undefined ? undefined : seating.plan.pools[block.pool];
  if (block === undefined || pool === undefined) throw new Error(`There is no block ${blockNumber}.`);
  const runs = treeOf(seating.runTrees, block.pool);
  const mask = runMask(seating, block.firstSeat, block.length);
  if (!setLeaf(seating.journal, runs, blockNumber - pool.firstBlock, mask, join)) return;
  const pairTree = treeOf(seating.pairTrees, block.pool);
  for (const pair of pairsOfBlock(seating.plan, blockNumber)) {
    const front = longestRun(leafOf(runs, (pool.pairs.front[pair] ?? -1) - pool.firstBlock));
    const back = longestRun(leafOf(runs, (pool.pairs.back[pair] ?? -1) - pool.firstBlock));
    setLeaf(seating.journal, pairTree, pair, front + back, Math.max);
  }
}

function runMask(seating: Seating, firstSeat: number, length: number): number {
  let mask = 0;
  let run = 0;
  for (let seat = firstSeat; seat < firstSeat + length; seat += 1) {
    if (seating.holderOfSeat[seat] === 0) {
      run += 1;
    } else if (run > 0) {
      mask |= runBit(run);
      run = 0;
    }
  }
  return run > 0 ? mask | runBit(run) : mask;
}

export function runBit(length: number): number {
  return 1 << Math.min(length, LONGEST_TOLD_APART);
}

/** 0 for none; 31 for 31 or more. */
export function longestRun(mask: number): number {
  return mask === 0 ? 0 : LONGEST_TOLD_APART - Math.clz32(mask);
}

export function runMaskOf(seating: Seating, blockNumber: number): number {
  const pool = seating.plan.blocks.pool[blockNumber] ?? -1;
  const firstBlock = seating.plan.pools[pool]?.firstBlock ?? 0;
  return leafOf(treeOf(seating.runTrees, pool), blockNumber - firstBlock);
}

/** The first block of the pool, from the given one on, with a run that is in `wanted`; -1 for none. */
export function firstBlockWith(seating: Seating, pool: number, wanted: number, from: number): number {
  const firstBlock = seating.plan.pools[pool]?.firstBlock ?? 0;
  const leaf = firstLeaf(
    treeOf(seating.runTrees, pool),
    Math.max(0, from - firstBlock),
    (mask) => (mask & wanted) !== 0,
  );
  return leaf === -1 ? -1 : firstBlock + leaf;
}

/** The best pair of the pool whose longest runs hold a party of this size together; -1 for none. */
export function firstPairFor(seating: Seating, pool: number, size: number): number {
  return firstLeaf(treeOf(seating.pairTrees, pool), 0, (sum) => sum >= size);
}

function treeOf(trees: readonly Int32Array[], pool: number): Int32Array {
  const tree = trees[pool];
  if (tree === undefined) throw new Error(`There is no pool ${pool}.`);
  return tree;
}

/** Node n has the children 2n and 2n + 1; the leaves are the second half. */
function createTree(leaves: number): Int32Array {
  let size = 1;
  while (size < leaves) size *= 2;
  return new Int32Array(2 * size);
}

function leafOf(tree: Int32Array, leaf: number): number {
  return tree[tree.length / 2 + leaf] ?? 0;
}

function join(one: number, other: number): number {
  return one | other;
}

/** True when the leaf changed. Stops climbing where nothing changes any more. */
function setLeaf(
  journal: Journal,
  tree: Int32Array,
  leaf: number,
  value: number,
  combine: (one: number, other: number) => number,
): boolean {
  let node = tree.length / 2 + leaf;
  let changed = value;
  if (tree[node] === value) return false;
  for (;;) {
    put(journal, tree, node, changed);
    if (node === 1) return true;
    node >>= 1;
    changed = combine(tree[2 * node] ?? 0, tree[2 * node + 1] ?? 0);
    if (tree[node] === changed) return true;
  }
}

/** The first leaf from `from` on that fits; a node must fit whenever a leaf below it does. */
function firstLeaf(tree: Int32Array, from: number, fits: (value: number) => boolean): number {
  const size = tree.length / 2;
  if (from >= size) return -1;
  let node = size + from;
  while (!fits(tree[node] ?? 0)) {
    // To the right neighbour, climbing out of subtrees that end here.
    while (node % 2 === 1) {
      if ((node & (node + 1)) === 0) return -1;
      node >>= 1;
    }
    node += 1;
  }
  while (node < size) node = fits(tree[2 * node] ?? 0) ? 2 * node : 2 * node + 1;
  return node - size;
}
