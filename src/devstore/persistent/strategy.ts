/** Which of the consumers that can take a message gets it: one pure function for each strategy. */
import { crc32 } from 'node:zlib';

const STRATEGIES = ['RoundRobin', 'DispatchToSingle', 'Pinned'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export const isStrategy = (name: string): name is Strategy => STRATEGIES.some((known) => known === name);

/** What a strategy looks at. Ids grow in the order of joining. */
type Candidate = { readonly id: number };

/**
 * Chooses among `consumers`, in the order they joined. `lastServedId` is whoever got the message before, and
 * `canTake` says who has room. Undefined where the message has to wait.
 */
export const choose = <Consumer extends Candidate>(
  strategy: Strategy,
  consumers: readonly Consumer[],
  canTake: (consumer: Consumer) => boolean,
  pin: string,
  lastServedId: number,
): Consumer | undefined => {
  switch (strategy) {
    case 'RoundRobin':
      return (
        consumers.find((consumer) => consumer.id > lastServedId && canTake(consumer)) ??
        consumers.find(canTake)
      );
    case 'DispatchToSingle':
      return consumers.find(canTake);
    case 'Pinned': {
      const owner = ownerOf(consumers, pin);
      return owner !== undefined && canTake(owner) ? owner : undefined;
    }
    default:
      return strategy satisfies never;
  }
};

/**
 * The consumer with the highest hash of stream and itself (rendezvous hashing): when one joins or leaves,
 * only the streams that it takes or leaves behind change hands.
 */
const ownerOf = <Consumer extends Candidate>(
  consumers: readonly Consumer[],
  pin: string,
): Consumer | undefined => {
  let owner: Consumer | undefined;
  let highest = -1;
  const hash = crc32(pin);
  for (const consumer of consumers) {
    const weight = mixed(hash ^ Math.imul(consumer.id + 1, 0x9e3779b1));
    if (weight <= highest) continue;
    owner = consumer;
    highest = weight;
  }
  return owner;
};

/** A CRC is linear, so neighbours would rank alike for all streams; this breaks that up. */
const mixed = (value: number): number => {
  const once = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
};
