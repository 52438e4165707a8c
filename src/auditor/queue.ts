/** The orders of one program that were queued, and that each of them was decided, once, as itself. */
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import { notAsAsked } from './not-as-asked.ts';
import type { Decision, QueuedInLog } from './orders.ts';
import type { LanePlace, SaleData, Saying } from './stored-format.ts';

export type Queue = {
  /** By order number. */
  readonly queued: ReadonlyMap<string, QueuedInLog>;
  readonly take: (order: Saying<'OrderQueue'>['data'], lane: number, by: EventRef) => void;
  /** The sale's answer, which names the entry by its place. */
  readonly decided: (orderNumber: string, buyer: string, place: LanePlace, end: Decision) => void;
  /** The same, where the answer is an order: it must be what was asked for, and in time. */
  readonly placed: (order: SaleData<'OrderPlaced'>, place: LanePlace, decidedIn: DecidedIn) => void;
  /** An order that is not said to have been queued. */
  readonly placedDirectly: (orderNumber: string, by: EventRef) => void;
  /** At the end of the log. */
  readonly close: (dueBeforeMs: number) => void;
};

export type DecidedIn = {
  /** Of the hall, in its order. */
  readonly categoryIds: readonly string[];
  /** By the clock of who decided. */
  readonly placedAtMs: number;
  readonly by: EventRef;
};

export function createQueue(findings: Findings): Queue {
  const queued = new Map<string, QueuedInLog>();
  /** By lane, then by revision. */
  const lanes = new Map<number, Map<number, QueuedInLog>>();
  const entryAt = ({ lane, revision }: LanePlace) => lanes.get(lane)?.get(revision);
  const decided: Queue['decided'] = (orderNumber, buyer, place, end) => {
    const entry = entryAt(place);
    if (entry === undefined) {
      const where = `${place.lane}/${place.revision}`;
      const text = `order ${orderNumber} was ${end.kind}, and nothing was queued at ${where}`;
      findings.broken('decided_but_not_queued', text, end.by);
    } else if (entry.end !== undefined) {
      const text = `order ${entry.orderNumber} was ${entry.end.kind} and ${end.kind}`;
      findings.broken('decided_twice', text, entry.by, entry.end.by, end.by);
    } else {
      entry.end = end;
      entry.asked = undefined;
      if (entry.orderNumber === orderNumber && entry.buyer === buyer) return;
      const text =
        `order ${entry.orderNumber} of ${entry.buyer} was queued, ` +
        `order ${orderNumber} of ${buyer} was ${end.kind} for it`;
      findings.broken('decided_for_another', text, entry.by, end.by);
    }
  };
  return {
    queued,
    take: (data, lane, by) => {
      const { orderNumber, buyer, deadlineMs } = data;
      const entry: QueuedInLog = { orderNumber, buyer, deadlineMs, by, asked: data, end: undefined };
      const before = queued.get(orderNumber);
      if (before !== undefined) {
        findings.broken('queued_twice', `order ${orderNumber} was queued twice`, before.by, by);
      }
      queued.set(orderNumber, entry);
      const entries = lanes.get(lane) ?? new Map<number, QueuedInLog>();
      lanes.set(lane, entries.set(by.revision, entry));
    },
    decided,
    placed: (order, place, { categoryIds, placedAtMs, by }) => {
      const entry = entryAt(place);
      const asked = entry?.asked;
      decided(order.orderNumber, order.buyer, place, { kind: 'placed', why: undefined, by });
      if (entry === undefined || asked === undefined) return;
      const name = `order ${order.orderNumber}`;
      const difference = notAsAsked(asked, order, categoryIds);
      if (difference !== undefined) {
        findings.broken('order_not_as_queued', `${name} was queued with other ${difference}`, entry.by, by);
      }
      if (placedAtMs < entry.deadlineMs) return;
      const [at, until] = [placedAtMs, entry.deadlineMs].map((ms) => new Date(ms).toISOString());
      findings.broken('decided_late', `${name} was queued until ${until} and placed ${at}`, entry.by, by);
    },
    placedDirectly: (orderNumber, by) => {
      const entry = queued.get(orderNumber);
      // One that nobody has decided is found at the end.
      if (entry?.end === undefined) return;
      const text = `order ${orderNumber} was ${entry.end.kind} from the queue, and placed beside it`;
      findings.broken('decided_twice', text, entry.by, entry.end.by, by);
    },
    close: (dueBeforeMs) => {
      for (const { orderNumber, buyer, deadlineMs, end, by } of queued.values()) {
        if (end !== undefined || deadlineMs >= dueBeforeMs) continue;
        const until = new Date(deadlineMs).toISOString();
        const text = `order ${orderNumber} of ${buyer} was queued until ${until} and never decided`;
        findings.broken('queued_not_decided', text, by);
      }
    },
  };
}
