/** The orders of one program that were queued, and that each of them was decided, once, as itself. */
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import type { Decision, QueuedInLog } from './orders.ts';
import type { LanePlace, Saying } from './stored-format.ts';

export type Queue = {
  /** By order number. */
  readonly queued: ReadonlyMap<string, QueuedInLog>;
  readonly take: (order: Saying<'OrderQueue'>['data'], lane: number, by: EventRef) => void;
  /** The sale's answer, which names the entry by its place. */
  readonly decided: (orderNumber: string, buyer: string, place: LanePlace, end: Decision) => void;
  /** At the end of the log. */
  readonly close: (dueBeforeMs: number) => void;
};

export function createQueue(findings: Findings): Queue {
  const queued = new Map<string, QueuedInLog>();
  /** By lane, then by revision. */
  const lanes = new Map<number, Map<number, QueuedInLog>>();
  return {
    queued,
    take: ({ orderNumber, buyer, deadlineMs }, lane, by) => {
      const entry: QueuedInLog = { orderNumber, buyer, deadlineMs, by, end: undefined };
      const before = queued.get(orderNumber);
      if (before !== undefined) {
        findings.broken('queued_twice', `order ${orderNumber} was queued twice`, before.by, by);
      }
      queued.set(orderNumber, entry);
      const entries = lanes.get(lane) ?? new Map<number, QueuedInLog>();
      lanes.set(lane, entries.set(by.revision, entry));
    },
    decided: (orderNumber, buyer, { lane, revision }, end) => {
      const entry = lanes.get(lane)?.get(revision);
      if (entry === undefined) {
        const text = `order ${orderNumber} was ${end.kind}, and nothing was queued at ${lane}/${revision}`;
        findings.broken('decided_but_not_queued', text, end.by);
      } else if (entry.end !== undefined) {
        const text = `order ${entry.orderNumber} was ${entry.end.kind} and ${end.kind}`;
        findings.broken('decided_twice', text, entry.by, entry.end.by, end.by);
      } else {
        entry.end = end;
        if (entry.orderNumber === orderNumber && entry.buyer === buyer) return;
        const text =
          `order ${entry.orderNumber} of ${entry.buyer} was queued, ` +
          `order ${orderNumber} of ${buyer} was ${end.kind} for it`;
        findings.broken('decided_for_another', text, entry.by, end.by);
      }
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
