/**
 * How a sale goes: stock now, and what each minute brought, as `migrations/0004_sales_statistics.sql` has
 * them.
 */
import type { CategoryId, ProgramId } from '../../domain/shared/ids.ts';
import type { Columns } from '../columns.ts';

export type CategoryStockRow = {
  program_id: ProgramId;
  /** Its place in the layout. */
  category: number;
  category_id: CategoryId;
  price_minor: number;
  capacity: number;
  held: number;
  sold: number;
};

export type SalesMinuteRow = {
  program_id: ProgramId;
  category: number;
  minute_ms: number;
  held: number;
  released: number;
  sold: number;
  refunded: number;
  revenue_minor: number;
  refunded_minor: number;
};

export type SalesStatisticsTables = {
  category_stock: Columns<CategoryStockRow, 'price_minor'>;
  sales_minute: Columns<SalesMinuteRow, 'minute_ms' | 'revenue_minor' | 'refunded_minor'>;
};
