/** The index of an order's events, as `migrations/0011_order_events.sql` has it. */
import type { OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import type { BulkTable } from '../bulk-table.ts';
import { type Columns, wide } from '../columns.ts';

export type OrderEventRow = {
  order_number: OrderNumber;
  /** Text, like `revision`: a commit position may be more than a number holds. */
  position: string;
  revision: string;
  recorded_at_ms: number;
  stream_of: string | null;
  gene: number;
  type: number;
  program_id: ProgramId | null;
};

export type OrderEventsTables = { order_event: Columns<OrderEventRow, 'recorded_at_ms'> };

export const orderEventTable: BulkTable<OrderEventRow> = {
  name: 'order_event',
  columns: {
    order_number: 'bigint',
    position: 'bigint',
    revision: 'bigint',
    recorded_at_ms: 'bigint',
    stream_of: 'bigint',
    gene: 'smallint',
    type: 'smallint',
    program_id: 'text',
  },
};

export const orderEventColumns = [
  'position',
  'revision',
  wide('recorded_at_ms'),
  'stream_of',
  'type',
  'program_id',
] as const;
