/** What happens next in a replay: a heap by time, and at one time by the place in the log. */
export type Timed = { readonly atMs: number; readonly order: number };

export type Schedule<Item extends Timed> = {
  readonly add: (item: Item) => void;
  readonly peek: () => Item | undefined;
  readonly take: () => Item | undefined;
};

export const isBefore = (one: Timed, other: Timed): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

export function createSchedule<Item extends Timed>(): Schedule<Item> {
  const heap: Item[] = [];
  const swap = (one: number, other: number): void => {
    const [left, right] = [heap[one], heap[other]];
    if (left === undefined || right === undefined) return;
    heap[one] = right;
    heap[other] = left;
  };
  const comesFirst = (one: number, other: number): boolean => {
    const [left, right] = [heap[one], heap[other]];
    return left !== undefined && right !== undefined && isBefore(left, right);
  };
  const sink = (): void => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = comesFirst(left + 1, left) ? left + 1 : left;
      if (!comesFirst(child, at)) return;
      swap(at, child);
      at = child;
    }
  };
  return {
    peek: () => heap[0],
    add: (item) => {
      heap.push(item);
      for (let at = heap.length - 1; at > 0 && comesFirst(at, (at - 1) >> 1); at = (at - 1) >> 1) {
        swap(at, (at - 1) >> 1);
      }
    },
    take: () => {
      swap(0, heap.length - 1);
      const first = heap.pop();
      sink();
      return first;
    },
  };
}
