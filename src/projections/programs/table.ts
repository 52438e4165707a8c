/** What people browse: programs with their ticket categories, as `migrations/0002_programs.sql` has them. */
import type { SaleStatus, TicketCategory } from '../../domain/program/index.ts';
import type { DispatchSplit } from '../../domain/shared/dispatch-mode.ts';
import type { CategoryId, ProgramId } from '../../domain/shared/ids.ts';
import type { Currency } from '../../domain/shared/money.ts';
import { type Columns, wide, wideOrNull } from '../columns.ts';

export type ProgramRow = {
  program_id: ProgramId;
  title_zh: string | null;
  title_en: string | null;
  city_zh: string | null;
  city_en: string | null;
  venue_zh: string | null;
  venue_en: string | null;
  genre: string;
  shows_at_ms: number;
  description_zh: string | null;
  description_en: string | null;
  cover: string | null;
  currency: Currency;
  price_from_minor: number;
  layout_ref: string;
  sale_status: SaleStatus;
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  cancelled_at_ms: number | null;
  cancel_reason: string | null;
  dispatch_split: DispatchSplit | null;
  published_at_ms: number;
  search_text: string;
  city_keys: readonly string[];
};

export type TicketCategoryRow = {
  program_id: ProgramId;
  category_id: CategoryId;
  position: number;
  name_zh: string | null;
  name_en: string | null;
  price_minor: number;
  kind: TicketCategory['kind'];
  capacity: number;
};

export type ProgramsTables = {
  program: Columns<
    ProgramRow,
    | 'shows_at_ms'
    | 'price_from_minor'
    | 'opens_at_ms'
    | 'closes_at_ms'
    | 'cancelled_at_ms'
    | 'published_at_ms'
  >;
  ticket_category: Columns<TicketCategoryRow, 'price_minor'>;
};

export const programColumns = [
  'program_id',
  'title_zh',
  'title_en',
  'city_zh',
  'city_en',
  'venue_zh',
  'venue_en',
  'genre',
  wide('shows_at_ms'),
  'description_zh',
  'description_en',
  'cover',
  'currency',
  wide('price_from_minor'),
  'layout_ref',
  'sale_status',
  wideOrNull('opens_at_ms'),
  wideOrNull('closes_at_ms'),
  wideOrNull('cancelled_at_ms'),
  'cancel_reason',
  'dispatch_split',
  wide('published_at_ms'),
  'search_text',
  'city_keys',
] as const;
