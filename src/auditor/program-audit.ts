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
import { createProgramLife, type ProgramLife } from './program-life.ts';
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

/** `chargedBy`: the event that each charge was first written down by; of all programs that are read together. */
export function createProgramAudit(programId: string, chargedBy: Map<string, EventRef>): ProgramAudit {
  const findings = createFindings();
  const program: Program = {
    ...{ programId, findings, books: createBooks(findings, chargedBy), queue: createQueue(findings) },
    ...{ life: createProgramLife(findings), counts: {}, events: 0, sale: undefined },
    streams: { Sale: `Sale-${programId}`, Program: `Program-${programId}` },
    next: { Sale: 0, Program: 0 },
  };
  return {
    ...{ programId, findings },
    take: (stored, place) => take(program, stored, place),
    hasPayment: (paymentNumber) => program.books.find(paymentNumber) !== undefined,
    order: (orderNumber) => program.sale?.orders.get(orderNumber),
    close: (dueBeforeMs) => close(program, dueBeforeMs),
  };
}

type Program = Pick<SaleFold, 'findings' | 'books' | 'queue'> & {
  readonly programId: string;
  readonly life: ProgramLife;
  readonly counts: Record<string, number>;
  /** Named once: findings and orders hold on to them. */
  readonly streams: { readonly Sale: string; readonly Program: string };
  /** The revision that has to come next. */
  readonly next: { Sale: number; Program: number };
  events: number;
  sale: SaleFold | undefined;
};

function take(program: Program, stored: StoredEvent, { category, id }: StreamPlace): void {
  const { findings, queue, counts } = program;
  program.events += 1;
  counts[stored.type] = (counts[stored.type] ?? 0) + 1;
  if (category === 'Payment') {
    takePayment(program, stored, id);
  } else if (category === 'OrderQueue') {
    const by = refOf(stored);
    const event = read(findings, category, stored, by);
    if (event !== undefined) queue.take(event.data, Number(id), by);
  } else {
    const by = refOf(stored, program.streams[category]);
    program.next[category] = inStep(findings, by, program.next[category]);
    if (category === 'Sale') takeSale(program, stored, by);
    else takeProgram(program, stored, by);
  }
}

function takeSale(program: Program, stored: StoredEvent, by: EventRef): void {
  const { programId, findings, sale } = program;
  const event = read(findings, 'Sale', stored, by);
  if (event === undefined) return;
  if (event.type !== 'SaleStarted') {
    if (sale !== undefined) foldSaleEvent(sale, event, by);
    else findings.broken('sale_not_started', `${event.type} of a sale that never started`, by);
  } else if (sale !== undefined) {
    findings.broken('contradicts_history', 'the sale was started twice', by);
  } else {
    const { data: terms } = event;
    if (terms.programId !== programId) misplaced(findings, `the sale of ${terms.programId}`, by);
    program.sale = openSale(terms, program, by);
  }
}

function takeProgram({ programId, findings, life }: Program, stored: StoredEvent, by: EventRef): void {
  const event = read(findings, 'Program', stored, by);
  if (event === undefined) return;
  if (event.data.programId === programId) life.take(event, by);
  else misplaced(findings, `an event of program ${event.data.programId}`, by);
}

function takePayment({ findings, books }: Program, stored: StoredEvent, paymentNumber: string): void {
  const by = refOf(stored, books.find(paymentNumber)?.last.stream);
  const account = books.account(paymentNumber, by);
  account.nextRevision = inStep(findings, by, account.nextRevision);
  const event = read(findings, 'Payment', stored, by);
  if (event === undefined) return;
  if (event.data.paymentNumber === paymentNumber) books.payment(event, by);
  else misplaced(findings, `an event of payment ${event.data.paymentNumber}`, by);
}

/** What an event of this category says, or nothing, after it was written down that it cannot be read. */
function read<C extends Category>(
  findings: Findings,
  category: C,
  stored: StoredEvent,
  by: EventRef,
): Saying<C> | undefined {
  const said: Read<C> = readEvent(category, stored);
  if (said.kind === 'understood') return said.event;
  findings.broken('event_unreadable', `${by.type} cannot be read: ${said.why}`, by);
  return undefined;
}

/** Writes down where a revision is missing, and answers the one that has to come next. */
export function inStep(findings: Findings, by: EventRef, expected: number): number {
  if (by.revision !== expected) {
    const text = `${by.stream}: revision ${expected} is missing, ${by.revision} follows`;
    findings.broken('revision_gap', text, by);
  }
  return by.revision + 1;
}

function close(program: Program, dueBeforeMs: number): Audited {
  const { programId, findings, books, queue, life, sale, events, counts, next } = program;
  const alive = sale === undefined ? { orders: 0, holds: 0, unissued: 0 } : closeSale(sale, dueBeforeMs);
  queue.close(dueBeforeMs);
  if (sale !== undefined) life.close(sale, dueBeforeMs);
  const balance = books.close(dueBeforeMs);
  const { orders = new Map(), holds = new Map(), terms, places } = sale ?? {};
  return {
    ...{ programId, findings: findings.all(), terms, events, counts, orders, holds, queued: queue.queued },
    ...{ saleRevision: next.Sale - 1, saleEnded: sale?.endedBy !== undefined, balance },
    ...{ stock: places?.stock() ?? [], seatStatus: places?.statusOf ?? (() => undefined) },
    alive: { ...alive, refundsUnderWay: books.refundsUnderWay() },
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
