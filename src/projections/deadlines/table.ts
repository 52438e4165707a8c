/** What is to end by itself: unpaid orders and holds, as `migrations/0005_deadlines.sql` has them. */
import type { HoldToken, OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { Columns } from '../columns.ts';

type Subject = { kind: 'order'; subject: OrderNumber } | { kind: 'hold'; subject: HoldToken };

export type DeadlineKey = { program_id: ProgramId } & Subject;
export type DeadlineRow = DeadlineKey & { due_at_ms: number };

export type DeadlinesTables = {
  deadline: Columns<
    { program_id: ProgramId; kind: Subject['kind']; subject: string; due_at_ms: number },
    'due_at_ms'
  >;
};
