/**
 * What visitors ask of the programs: one by its id, a search in pages, and how many there are of what. Each is one
 * statement, so that it sees one build of the tables.
 */
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { DispatchSplit } from '../../domain/shared/dispatch-mode.ts';
import { type ProgramId, programIdSchema } from '../../domain/shared/ids.ts';
import { wide } from '../columns.ts';
import {
  boundedLimit,
  type CursorRefused,
  cursorRefused,
  type Page,
  pageOf,
  readCursor,
  writeCursor,
} from '../cursor.ts';
import type { Database, Db } from '../database.ts';
import { searchable, wordsOf } from './search-text.ts';
import { type ProgramRow, programColumns, type TicketCategoryRow } from './table.ts';

const MAX_FACETS = 200;

export type ProgramFilter = {
  /** Each word is to be found in title, city, venue or genre, in either language. */
  readonly words?: string | undefined;
  /** Its Chinese or its English name. */
  readonly city?: string | undefined;
  readonly genre?: string | undefined;
  readonly showsFromMs?: number | undefined;
  /** Not included. */
  readonly showsUntilMs?: number | undefined;
  readonly includeCancelled?: boolean | undefined;
};

export type ProgramSearch = ProgramFilter & {
  readonly sort: 'date' | 'price';
  readonly direction: 'asc' | 'desc';
  readonly after?: string | undefined;
  readonly limit: number;
};

export type Localized = { readonly zh: string | null; readonly en: string | null };
export type ProgramSummary = {
  readonly programId: ProgramId;
  readonly title: Localized;
  readonly city: Localized;
  readonly venue: Localized;
  readonly genre: string;
  readonly showsAtMs: number;
  readonly cover: string | null;
  readonly currency: ProgramRow['currency'];
  readonly priceFromMinor: number;
  readonly saleStatus: ProgramRow['sale_status'];
  readonly opensAtMs: number | null;
  readonly closesAtMs: number | null;
};

export type ListedCategory = {
  readonly categoryId: TicketCategoryRow['category_id'];
  readonly name: Localized;
  readonly priceMinor: number;
  readonly kind: TicketCategoryRow['kind'];
  readonly capacity: number;
};

export type ProgramDetail = ProgramSummary & {
  readonly description: Localized;
  readonly layoutRef: string;
  readonly cancelledAtMs: number | null;
  readonly cancelReason: string | null;
  readonly dispatchSplit: ProgramRow['dispatch_split'];
  readonly publishedAtMs: number;
  readonly ticketCategories: readonly ListedCategory[];
};

export type ProgramFacets = {
  readonly total: number;
  readonly cities: readonly { readonly city: Localized; readonly count: number }[];
  readonly genres: readonly { readonly genre: string; readonly count: number }[];
};

export const programById = async (db: Db, programId: ProgramId): Promise<ProgramDetail | undefined> => {
  const row = await db
    .selectFrom('program')
    .select(programColumns)
    .select((program) =>
      jsonArrayFrom(
        program
          .selectFrom('ticket_category')
          .select(['category_id', 'name_zh', 'name_en', 'kind', 'capacity', wide('price_minor')])
          .where('ticket_category.program_id', '=', programId)
          .orderBy('position'),
      ).as('categories'),
    )
    .where('program_id', '=', programId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    ...summaryOf(row),
    description: { zh: row.description_zh, en: row.description_en },
    layoutRef: row.layout_ref,
    cancelledAtMs: row.cancelled_at_ms,
    cancelReason: row.cancel_reason,
    dispatchSplit: row.dispatch_split,
    publishedAtMs: row.published_at_ms,
    ticketCategories: row.categories.map((category) => ({
      categoryId: category.category_id,
      name: { zh: category.name_zh, en: category.name_en },
      priceMinor: category.price_minor,
      kind: category.kind,
      capacity: category.capacity,
    })),
  };
};

/** Null also for a program that is not known. */
export const dispatchSplitOf = async (db: Db, programId: ProgramId): Promise<DispatchSplit | null> => {
  const program = db.selectFrom('program').select('dispatch_split').where('program_id', '=', programId);
  return (await program.executeTakeFirst())?.dispatch_split ?? null;
};

export const searchPrograms = async (
  db: Db,
  search: ProgramSearch,
): Promise<Page<ProgramSummary> | CursorRefused> => {
  const { sort, direction, after } = search;
  const limit = boundedLimit(search.limit);
  const list = `programs/${sort}/${direction}`;
  const column = sort === 'date' ? 'shows_at_ms' : 'price_from_minor';
  let query = db
    .selectFrom('program')
    .select(programColumns)
    .where(matching(search))
    .orderBy(`program.${column}`, direction)
    .orderBy('program.program_id', direction)
    .limit(limit + 1);
  if (after !== undefined) {
    const [key, last] = readCursor(list, after) ?? [];
    const programId = programIdSchema.safeParse(last).data;
    if (typeof key !== 'number' || programId === undefined) return cursorRefused;
    const beyond = sql.raw(direction === 'asc' ? '>' : '<');
    query = query.where(
      sql<SqlBool>`(${sql.ref(column)}, program_id) ${beyond} (${key}::bigint, ${programId})`,
    );
  }
  const rows = await query.execute();
  return pageOf(rows, limit, summaryOf, (row) => writeCursor(list, [row[column], row.program_id]));
};

/** A facet counts what choosing another value of it would show: it heeds all filters but its own. */
export const programFacets = async (db: Db, filter: ProgramFilter): Promise<ProgramFacets> => {
  const count = sql<number>`count(*)::integer`.as('count');
  const cities = db
    .selectFrom('program')
    .select(['city_zh', 'city_en', count])
    .where(matching({ ...filter, city: undefined }))
    .groupBy(['city_zh', 'city_en'])
    .orderBy('count', 'desc')
    .orderBy('city_en')
    .orderBy('city_zh')
    .limit(MAX_FACETS);
  const genres = db
    .selectFrom('program')
    .select(['genre', count])
    .where(matching({ ...filter, genre: undefined }))
    .groupBy('genre')
    .orderBy('count', 'desc')
    .orderBy('genre')
    .limit(MAX_FACETS);
  const found = await db
    .selectFrom('program')
    .select([jsonArrayFrom(cities).as('cities'), jsonArrayFrom(genres).as('genres')])
    .select(sql<number>`count(*)::integer`.as('total'))
    .where(matching(filter))
    .executeTakeFirstOrThrow();
  return {
    total: found.total,
    cities: found.cities.map((row) => ({ city: { zh: row.city_zh, en: row.city_en }, count: row.count })),
    genres: found.genres,
  };
};

export type DueSaleWindow = { readonly programId: ProgramId; readonly due: 'opens' | 'closes' };

/** Programs whose hours have begun or ended without their showing it, the longest overdue first. */
export const dueSaleWindows = async (
  db: Db,
  nowMs: number,
  limit: number,
): Promise<readonly DueSaleWindow[]> => {
  const closes = sql<boolean>`closes_at_ms <= ${nowMs}`;
  const rows = await db
    .selectFrom('program')
    .select(['program_id', closes.as('closes')])
    .where('sale_status', 'in', ['scheduled', 'open'])
    .where(sql<SqlBool>`(${closes} or (sale_status = 'scheduled' and opens_at_ms <= ${nowMs}))`)
    .orderBy(sql`case when ${closes} then closes_at_ms else opens_at_ms end`)
    .orderBy('program_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ programId: row.program_id, due: row.closes ? 'closes' : 'opens' }));
};

const matching = (filter: ProgramFilter) => (where: ExpressionBuilder<Database, 'program'>) => {
  const { words, city, genre, showsFromMs, showsUntilMs, includeCancelled } = filter;
  const conditions: Expression<SqlBool>[] = wordsOf(words ?? '').map((word) =>
    where('search_text', 'like', `%${escaped(word)}%`),
  );
  if (city !== undefined) conditions.push(sql<SqlBool>`${searchable(city)} = any(city_keys)`);
  if (genre !== undefined) conditions.push(where('genre', '=', genre));
  if (showsFromMs !== undefined) conditions.push(where('shows_at_ms', '>=', String(showsFromMs)));
  if (showsUntilMs !== undefined) conditions.push(where('shows_at_ms', '<', String(showsUntilMs)));
  if (includeCancelled !== true) conditions.push(where('sale_status', '<>', 'cancelled'));
  return where.and(conditions);
};

/** What `like` takes for patterns is to be found as it is. */
const escaped = (word: string): string => word.replace(/[\\%_]/g, '\\$&');

type SummaryRow = Omit<ProgramRow, 'search_text' | 'city_keys'>;

const summaryOf = (row: SummaryRow): ProgramSummary => ({
  programId: row.program_id,
  title: { zh: row.title_zh, en: row.title_en },
  city: { zh: row.city_zh, en: row.city_en },
  venue: { zh: row.venue_zh, en: row.venue_en },
  genre: row.genre,
  showsAtMs: row.shows_at_ms,
  cover: row.cover,
  currency: row.currency,
  priceFromMinor: row.price_from_minor,
  saleStatus: row.sale_status,
  opensAtMs: row.opens_at_ms,
  closesAtMs: row.closes_at_ms,
});
