/** What the engine has acknowledged, in thirteen bytes an order, to be held against the log afterwards. */
import type { Acknowledged } from './check/index.ts';

export type Acknowledgements = Iterable<Acknowledged> & {
  readonly add: (orderNumber: string, buyer: number, as: Acknowledged['as']) => void;
  readonly count: () => number;
};

const FIRST_CAPACITY = 4_096;
const PLACED = 1;

export function createAcknowledgements(userId: (buyer: number) => string): Acknowledgements {
  let numbers = new BigUint64Array(FIRST_CAPACITY);
  let buyers = new Uint32Array(FIRST_CAPACITY);
  let kinds = new Uint8Array(FIRST_CAPACITY);
  let count = 0;
  const grow = (): void => {
    const [oldNumbers, oldBuyers, oldKinds] = [numbers, buyers, kinds];
    numbers = new BigUint64Array(2 * count);
    buyers = new Uint32Array(2 * count);
    kinds = new Uint8Array(2 * count);
    numbers.set(oldNumbers);
    buyers.set(oldBuyers);
    kinds.set(oldKinds);
  };
  return {
    add: (orderNumber, buyer, as) => {
      if (count === numbers.length) grow();
      numbers[count] = BigInt(orderNumber);
      buyers[count] = buyer;
      kinds[count] = as === 'placed' ? PLACED : 0;
      count += 1;
    },
    count: () => count,
    *[Symbol.iterator]() {
      for (let index = 0; index < count; index += 1) {
        yield {
          orderNumber: String(numbers[index]),
          buyer: userId(buyers[index] ?? 0),
          as: kinds[index] === PLACED ? 'placed' : 'queued',
        } as const;
      }
    },
  };
}
