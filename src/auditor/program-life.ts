/** What a program was told to do, and whether its sale has followed: two streams, so one may be behind the other. */
import type { EventRef } from './event-ref.ts';
import type { Findings } from './findings.ts';
import type { SaleFold } from './sale-fold.ts';
import type { Saying } from './stored-format.ts';

export type ProgramLife = {
  readonly take: (event: Saying<'Program'>, by: EventRef) => void;
  /** At the end of the log. What was told since `dueBeforeMs` may still be on its way. */
  readonly close: (sale: SaleFold, dueBeforeMs: number) => void;
};

export function createProgramLife(findings: Findings): ProgramLife {
  let hours: { opensAtMs: number; closesAtMs: number; by: EventRef } | undefined;
  let overBy: EventRef | undefined;
  let cancelledBy: EventRef | undefined;
  return {
    take: ({ type, data }, by) => {
      if (type === 'SaleScheduled') hours = { ...data, by };
      if (type === 'SaleClosed' || type === 'ProgramCancelled') overBy ??= by;
      if (type === 'ProgramCancelled') cancelledBy ??= by;
    },
    close: (sale, dueBeforeMs) => {
      const isDue = (by: EventRef | undefined): by is EventRef =>
        by !== undefined && by.recordedAtMs < dueBeforeMs;
      if (isDue(overBy) && sale.endedBy === undefined) {
        findings.broken('end_not_followed', 'the program is closed and its sale has not ended', overBy);
      }
      if (overBy === undefined && hours !== undefined && isDue(hours.by) && !sameHours(hours, sale.hours)) {
        const text = 'the sale has other hours than its program was given';
        findings.broken('hours_not_followed', text, hours.by, sale.hours.by);
      }
      if (!isDue(cancelledBy)) return;
      for (const { orderNumber, status, last } of sale.orders.values()) {
        if ((status !== 'paid' && status !== 'issued') || !isDue(last)) continue;
        const text = `the program was cancelled, and order ${orderNumber} is still ${status}`;
        findings.broken('cancelled_not_refunded', text, cancelledBy, last);
      }
    },
  };
}

type Hours = { readonly opensAtMs: number; readonly closesAtMs: number };
const sameHours = (one: Hours, other: Hours): boolean =>
  one.opensAtMs === other.opensAtMs && one.closesAtMs === other.closesAtMs;
