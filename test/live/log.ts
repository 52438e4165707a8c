/**
 * A log for the projector's tests: what a subscription and a stream give, out of memory, with deliveries that come
 * late, in pieces and again. `engine.int.spec.ts` has the same projector follow a real one.
 */
import type { OrderQueueEvent } from '../../src/domain/order-queue/index.ts';
import type { SaleEvent } from '../../src/domain/sale/index.ts';
import type { GateSource } from '../../src/live/gate-projector.ts';
import type { GateIncoming } from '../../src/live/projecting.ts';

const PAGE_EVENTS = 7;

type Stored = Extract<GateIncoming, { readonly kind: 'event' }>['event'];

export type MemoryLog = {
  readonly append: (stream: string, events: readonly (SaleEvent | OrderQueueEvent)[]) => void;
  /** `back` is how many events before the next one a batch begins, `size` how many it has at most. */
  readonly source: (choose?: { readonly back: () => number; readonly size: () => number }) => GateSource;
  readonly read: (
    stream: string,
    from: bigint,
  ) => AsyncIterable<readonly { readonly event: SaleEvent; readonly revision: bigint }[]>;
  readonly lastRevision: (stream: string) => bigint;
  readonly length: () => number;
};

export function createMemoryLog(nowMs: () => number = Date.now): MemoryLog {
  const all: Stored[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const go of waiting) go();
    waiting.clear();
  };
  const streamOf = (stream: string) => all.filter((stored) => stored.stream === stream);
  return {
    append: (stream, events) => {
      for (const event of events) {
        const revision = BigInt(streamOf(stream).length);
        all.push({ ...event, stream, revision, recordedAtMs: nowMs() });
      }
      wake();
    },
    source: ({ back, size } = { back: () => 0, size: () => PAGE_EVENTS }) => ({
      start: (from, onBatch) => {
        let isStopped = false;
        let next = from === 'start' ? 0 : Number(from) + 1;
        const deliver = async (): Promise<void> => {
          while (!isStopped) {
            if (next >= all.length) {
              await new Promise<void>((go) => waiting.add(go));
              continue;
            }
            const first = Math.max(0, next - back());
            const last = Math.min(all.length, Math.max(next, first) + size());
            const events = all.slice(first, last).map((event) => ({ kind: 'event', event }) as const);
            try {
              await onBatch({ events, position: BigInt(last - 1) });
              next = last;
            } catch {
              // Offered again, as a subscription does.
              await new Promise((go) => setImmediate(go));
            }
          }
        };
        const done = deliver();
        return {
          stop: async () => {
            isStopped = true;
            wake();
            await done;
          },
        };
      },
    }),
    read: async function* (stream, from) {
      const found = streamOf(stream).slice(Number(from));
      for (let first = 0; first < found.length; first += PAGE_EVENTS) {
        yield found.slice(first, first + PAGE_EVENTS).flatMap((event) => {
          return event.type === 'OrderQueued' ? [] : [{ event, revision: event.revision }];
        });
      }
    },
    lastRevision: (stream) => BigInt(streamOf(stream).length) - 1n,
    length: () => all.length,
  };
}
