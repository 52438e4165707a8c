/**
 * Reads everything that the log says of one program, event by event, and holds each event against the invariants. It
 * shares no code with the sale that decides, so that a mistake in the one does not hide itself in the other.
 */
import type { StoredEvent } from '../eventstore/index.ts';
import { type Balance, createBooks } from './books.ts';
import type { EventRef } from './event-ref.ts';
import { createFindings, type Finding, type Findings } from './findings.ts';
import { readHall } from './hall.ts';
import { createLimits } from './limits.ts';
import type { HoldInLog, OrderInLog, QueuedInLog } from './orders.ts';
import { createPlaces, type SeatStatus, type Stock } from './places.ts';
import { createProgramLife } from './program-life.ts';
import { createQueue } from './queue.ts';
import { type Read, readEvent, refOf } from './read-event.ts';
import { closeSale, foldSaleEvent, type StillAlive } from './sale-events.ts';
import type { SaleFold } from './sale-fold.ts';
import type { Category, Saying, Terms } from './stored-format.ts';

export type ProgramAudit = {
  readonly programId: string;
  readonly findings: Findings;
  /** In the order of the log, of this program only. Answers what it could read. */
  readonly take: (stored: StoredEvent, place: StreamPlace) => void;
  /** Whether one of its payments has this number. */
  readonly hasPayment: (paymentNumber: string) => boolean;
  /** The order, if it is one of this sale; for what must hold between sales. */
  readonly order: (orderNumber: string) => OrderInLog | undefined;
  /** Judges what can be judged at the end of the log only: what was due before `dueBeforeMs` must have happened. */
  readonly close: (dueBeforeMs: number) => Audited;
};

/** The stream of an event, taken apart. */
export type StreamPlace = { readonly category: Category; readonly id: string };

export type Audited = {
  readonly programId: string;
  readonly findings: readonly Finding[];
  /** Undefined when the program has no sale. */
  readonly terms: Terms | undefined;
  readonly events: number;
  /** By type. */
  readonly counts: Readonly<Record<string, number>>;
  /** Of the sale's stream; -1 when it has none. */
  readonly saleRevision: number;
  readonly saleEnded: boolean;
  readonly orders: ReadonlyMap<string, OrderInLog>;
  readonly holds: ReadonlyMap<string, HoldInLog>;
  /** By order number. */
  readonly queued: ReadonlyMap<string, QueuedInLog>;
  readonly stock: readonly Stock[];
  readonly seatStatus: (seat: number) => SeatStatus | undefined;
  readonly balance: Balance;
  readonly alive: StillAlive & { readonly refundsUnderWay: number };
};

export function createProgramAudit(programId: string): ProgramAudit {
  const findings = createFindings();
  const books = createBooks(findings);
  const queue = createQueue(findings);
  const life = createProgramLife(findings);
  const streams = { sale: `Sale-${programId}`, program: `Program-${programId}` };
  const next = { sale: 0, program: 0 };
  const counts: Record<string, number> = {};
  let events = 0;
  let sale: SaleFold | undefined;

  const takeSale = (event: Saying<'Sale'>, by: EventRef): void => {
    if (event.type === 'SaleStarted') {
      if (sale !== undefined) findings.broken('contradicts_history', 'the sale was started twice', by);
      else if (event.data.programId !== programId)
        misplaced(findings, `the sale of ${event.data.programId}`, by);
      sale ??= openSale(event.data, { books, queue, findings }, by);
    } else if (sale === undefined) {
      findings.broken('sale_not_started', `${event.type} of a sale that never started`, by);
    } else {
      foldSaleEvent(sale, event, by);
    }
  };
  /** What an event of this category says, or nothing, after it was written down that it cannot be read. */
  const read = <C extends Category>(
    category: C,
    stored: StoredEvent,
    by: EventRef,
  ): Saying<C> | undefined => {
    const said: Read<C> = readEvent(category, stored);
    if (said.kind === 'understood') return said.event;
    findings.broken('event_unreadable', `${by.type} cannot be read: ${said.why}`, by);
    return undefined;
  };
  const inStep = (by: EventRef, expected: number): number => {
    if (by.revision !== expected) {
      findings.broken(
        'revision_gap',
        `${by.stream}: revision ${expected} is missing, ${by.revision} follows`,
        by,
      );
    }
    return by.revision + 1;
  };
  const takePayment = (stored: StoredEvent, paymentNumber: string): void => {
    const by = refOf(stored);
    const account = books.account(paymentNumber, by);
    account.nextRevision = inStep(by, account.nextRevision);
    const event = read('Payment', stored, by);
    if (event === undefined) return;
    if (event.data.paymentNumber === paymentNumber) books.payment(event, by);
    else misplaced(findings, `an event of payment ${event.data.paymentNumber}`, by);
  };
  const take = (stored: StoredEvent, { category, id }: StreamPlace): void => {
    events += 1;
    counts[stored.type] = (counts[stored.type] ?? 0) + 1;
    if (category === 'Sale') {
      const by = refOf(stored, streams.sale);
      next.sale = inStep(by, next.sale);
      const event = read('Sale', stored, by);
      if (event !== undefined) takeSale(event, by);
    } else if (category === 'Program') {
      const by = refOf(stored, streams.program);
      next.program = inStep(by, next.program);
      const event = read('Program', stored, by);
      if (event === undefined) return;
      if (event.data.programId === programId) life.take(event, by);
      else misplaced(findings, `an event of program ${event.data.programId}`, by);
    } else if (category === 'Payment') {
      takePayment(stored, id);
    } else {
      const by = refOf(stored);
      const event = read('OrderQueue', stored, by);
      if (event !== undefined) queue.take(event.data, Number(id), by);
    }
  };
  return {
    ...{ programId, findings, take, hasPayment: books.knows },
    order: (orderNumber) => sale?.orders.get(orderNumber),
    close: (dueBeforeMs) => {
      const alive = sale === undefined ? { orders: 0, holds: 0, unissued: 0 } : closeSale(sale, dueBeforeMs);
      queue.close(dueBeforeMs);
      if (sale !== undefined) life.close(sale, dueBeforeMs);
      const balance = books.close(dueBeforeMs);
      const { orders = new Map(), holds = new Map(), terms, places } = sale ?? {};
      return {
        ...{
          programId,
          findings: findings.all(),
          terms,
          events,
          counts,
          orders,
          holds,
          queued: queue.queued,
        },
        ...{ saleRevision: next.sale - 1, saleEnded: sale?.endedBy !== undefined, balance },
        ...{ stock: places?.stock() ?? [], seatStatus: places?.statusOf ?? (() => undefined) },
        alive: { ...alive, refundsUnderWay: books.refundsUnderWay() },
      };
    },
  };
}

function openSale(
  terms: Terms,
  { books, queue, findings }: Pick<SaleFold, 'books' | 'queue' | 'findings'>,
  by: EventRef,
): SaleFold {
  const hall = readHall(terms.layout);
  return {
    ...{ terms, hall, books, queue, findings },
    ...{ places: createPlaces(hall, findings), limits: createLimits(terms, findings) },
    ...{ orders: new Map(), holds: new Map(), holdsTaken: new Map(), requests: new Map() },
    hours: { opensAtMs: terms.opensAtMs, closesAtMs: terms.closesAtMs, by },
    endedBy: undefined,
  };
}

function misplaced(findings: Findings, what: string, by: EventRef): void {
  findings.broken('event_misplaced', `${by.stream} has ${what}`, by);
}
