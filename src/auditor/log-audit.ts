/**
 * Reads the log of all programs at once: gives each event to the program it is of, and holds against the invariants
 * what is of no single program. Memory grows with the orders of the programs that are audited, and not with events.
 */
import type { StoredEvent } from '../eventstore/index.ts';
import type { EventRef } from './event-ref.ts';
import { createFindings, type Finding } from './findings.ts';
import { createNumberTable } from './number-table.ts';
import {
  type Audited,
  createProgramAudit,
  inStep,
  type ProgramAudit,
  type StreamPlace,
} from './program-audit.ts';
import { programNamedIn, refOf } from './read-event.ts';
import { formats } from './stored-format.ts';

export type LogAudit = {
  /** In the order of the log. Answers whether the event is one of a program that is audited. */
  readonly take: (stored: StoredEvent) => boolean;
  readonly close: (dueBeforeMs: number) => AuditedLog;
};

export type AuditedLog = {
  /** By id. */
  readonly programs: readonly Audited[];
  /** What is of no single program. */
  readonly findings: readonly Finding[];
  /** Events that were read, those that nothing is audited of included. */
  readonly events: number;
};

/** `only` looks at one program; what others have is passed by. */
export function createLogAudit({ only }: { readonly only?: string } = {}): LogAudit {
  const findings = createFindings();
  const programs = new Map<string, { readonly audit: ProgramAudit; readonly index: number }>();
  const byIndex: ProgramAudit[] = [];
  const numbers = createNumberTable();
  const lanes = new Map<string, number>();
  /** A provider takes a charge once, whatever program it is for. */
  const chargedBy = new Map<string, EventRef>();
  let events = 0;

  const of = (programId: string) => {
    const known = programs.get(programId);
    if (known !== undefined) return known;
    const opened = { audit: createProgramAudit(programId, chargedBy), index: byIndex.length };
    byIndex.push(opened.audit);
    programs.set(programId, opened);
    return opened;
  };
  const laneInStep = (stored: StoredEvent): void => {
    const by = refOf(stored);
    lanes.set(by.stream, inStep(findings, by, lanes.get(by.stream) ?? 0));
  };
  /** Every order has a number of its own, whatever sale it is in. */
  const claimNumber = (
    stored: StoredEvent,
    { audit, index }: { audit: ProgramAudit; index: number },
  ): void => {
    const number = orderNumberIn(stored);
    const order = number === undefined ? undefined : audit.order(number);
    if (order?.placedBy.position !== stored.position) return;
    const first = byIndex[numbers.claim(order.orderNumber, index)];
    if (first === audit || first === undefined) return;
    const text = `order ${order.orderNumber} is an order of ${first.programId} too`;
    const before = first.order(order.orderNumber)?.placedBy;
    audit.findings.broken('order_number_twice', text, before, order.placedBy);
  };
  const take = (stored: StoredEvent): boolean => {
    events += 1;
    const place = placeOf(stored.stream);
    if (place === undefined) return false;
    if (place.category === 'OrderQueue') laneInStep(stored);
    const programId = programOf(stored, place, byIndex);
    if (programId === undefined) {
      const by = refOf(stored);
      findings.broken('event_unreadable', `${by.type} names no program`, by);
      return false;
    }
    if (only !== undefined && programId !== only) return false;
    const program = of(programId);
    program.audit.take(stored, place);
    if (stored.type === 'OrderPlaced') claimNumber(stored, program);
    return true;
  };
  return {
    take,
    close: (dueBeforeMs) => ({
      programs: [...byIndex]
        .sort((one, other) => (one.programId < other.programId ? -1 : 1))
        .map((audit) => audit.close(dueBeforeMs)),
      findings: findings.all(),
      events,
    }),
  };
}

/** Undefined for streams that nothing is audited of: accounts, plans, the store's own. */
function placeOf(stream: string): StreamPlace | undefined {
  const dash = stream.indexOf('-');
  const category = stream.slice(0, Math.max(0, dash));
  return isAudited(category) ? { category, id: stream.slice(dash + 1) } : undefined;
}

const isAudited = (category: string): category is keyof typeof formats => Object.hasOwn(formats, category);

/** A payment whose event cannot be read belongs where its other events do. */
function programOf(
  stored: StoredEvent,
  { category, id }: StreamPlace,
  programs: readonly ProgramAudit[],
): string | undefined {
  if (category === 'Sale' || category === 'Program') return id;
  const named = programNamedIn(stored);
  if (named !== undefined || category !== 'Payment') return named;
  return programs.find((program) => program.hasPayment(id))?.programId;
}

function orderNumberIn({ data }: StoredEvent): string | undefined {
  if (typeof data !== 'object' || data === null || !('orderNumber' in data)) return undefined;
  return typeof data.orderNumber === 'string' ? data.orderNumber : undefined;
}
