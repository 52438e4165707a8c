/** The tables of the read models, each described beside the projection that fills it. */
import type { ColumnType, Generated, GeneratedAlways, Kysely } from 'kysely';
import type { EngineTables } from '../postgres/tables.ts';
import type { DeadlinesTables } from './deadlines/table.ts';
import type { OrderEventsTables } from './order-events/table.ts';
import type { OrdersTables } from './orders/table.ts';
import type { PaymentsTables } from './payments/table.ts';
import type { ProgramsTables } from './programs/table.ts';
import type { SalesStatisticsTables } from './sales-statistics/table.ts';
import type { TicketsTables } from './tickets/table.ts';

/** Eight-byte integers leave PostgreSQL as text, because a double cannot hold them all. */
export type Int8 = ColumnType<string, string | number | bigint, string | number | bigint>;

type RunnerTables = {
  projection: {
    name: string;
    version: number;
    build: Generated<number>;
    position: Int8 | null;
    recorded_at_ms: Int8 | null;
    stopped: unknown;
  };
  projection_report: { name: string; reported_at: Generated<Date>; report: unknown };
  projection_resume: {
    id: GeneratedAlways<string>;
    name: string;
    how: 'retry' | 'skip';
    asked_by: string | null;
    asked_at_ms: ColumnType<string, never, never>;
    stopped: unknown;
  };
  owed_swap: { id: string; owed_at: Generated<Date>; swap: unknown };
};

export type Database = RunnerTables &
  ProgramsTables &
  OrdersTables &
  SalesStatisticsTables &
  DeadlinesTables &
  PaymentsTables &
  TicketsTables &
  OrderEventsTables &
  EngineTables;

export type Db = Kysely<Database>;
