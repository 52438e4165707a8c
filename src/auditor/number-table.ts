/** Which sale has an order number: two flat arrays, because every order of every sale there ever was is in it. */

const FIRST_CAPACITY = 1_024;
const MAX_LOAD = 0.6;
const MIX = 0x9e3779b97f4a7c15n;

export type NumberTable = {
  /** The one that claimed this number first, which is `owner` itself for a number that is new. */
  readonly claim: (number: string, owner: number) => number;
};

/** Numbers are decimal, at least 1 and below 2^64; owners are whole numbers from 0. */
export function createNumberTable(): NumberTable {
  let keys = new BigUint64Array(FIRST_CAPACITY);
  let owners = new Uint32Array(FIRST_CAPACITY);
  let count = 0;

  /** Where the key is, or would be. */
  const slotOf = (key: bigint): number => {
    const mask = keys.length - 1;
    let slot = Number(BigInt.asUintN(64, key * MIX) >> 32n) & mask;
    while (keys[slot] !== 0n && keys[slot] !== key) slot = (slot + 1) & mask;
    return slot;
  };
  const grow = (): void => {
    const before = { keys, owners };
    keys = new BigUint64Array(2 * before.keys.length);
    owners = new Uint32Array(keys.length);
    before.keys.forEach((key, index) => {
      if (key === 0n) return;
      const slot = slotOf(key);
      keys[slot] = key;
      owners[slot] = before.owners[index] ?? 0;
    });
  };
  return {
    claim: (number, owner) => {
      const key = BigInt(number);
      const slot = slotOf(key);
      if (keys[slot] === key) return owners[slot] ?? owner;
      keys[slot] = key;
      owners[slot] = owner;
      count += 1;
      if (count > MAX_LOAD * keys.length) grow();
      return owner;
    },
  };
}
