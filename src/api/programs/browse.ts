/**
 * What everybody may see of programs: the list and its facets, one program with its stock, its hall, its seat
 * map.
 */
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { SalePlanned } from '../../domain/sale-plan/index.ts';
import type { CategoryId, ProgramId } from '../../domain/shared/ids.ts';
import { textSchema } from '../../domain/shared/text.ts';
import { type CursorRefused, MAX_PAGE_SIZE, type Page } from '../../projections/cursor.ts';
import type {
  ProgramDetail,
  ProgramFacets,
  ProgramFilter,
  ProgramSearch,
  ProgramSummary,
} from '../../projections/programs/index.ts';
import { type Endpoint, endpoint, json, type Reply } from '../endpoint.ts';
import { categoryParams, instantInQuery, programParams, wholeNumber } from '../inputs.ts';
import { refusal } from '../refusals.ts';
import { facetsAnswer, programAnswer, programsAnswer, seatsAnswer } from './answers.ts';
import { layoutAnswerOf, layoutAnswerSchema, untouchedSeats } from './layout-answer.ts';

const PAGE_SIZE = 20;
/** Answers of halls in memory; one of 10,000 seats takes about 60 kB. */
const MAX_LAYOUT_CHARACTERS = 32_000_000;
/** Until its hours are said, a program may get another hall. */
const FIXED = 'public, max-age=300';
const CHANGEABLE = 'no-cache';

export type Stock = {
  readonly categoryId: CategoryId;
  readonly capacity: number;
  readonly held: number;
  readonly sold: number;
  readonly free: number;
};

export type SeatMap = {
  readonly firstSeat: number;
  readonly seatCount: number;
  /** Of the sale's stream, up to which the map shows it. */
  readonly revision: number;
  /** 2 bits a seat, lowest bits first. */
  readonly statuses: Uint8Array;
};

export type BrowseDeps = {
  readonly search: (search: ProgramSearch) => Promise<Page<ProgramSummary> | CursorRefused>;
  readonly facets: (filter: ProgramFilter) => Promise<ProgramFacets>;
  readonly programById: (programId: ProgramId) => Promise<ProgramDetail | undefined>;
  /** The plan that a program's `layoutRef` names. */
  readonly planOf: (layoutRef: string) => Promise<SalePlanned | undefined>;
  /** Empty before the sale has started. */
  readonly stockOf: (programId: ProgramId) => Promise<readonly Stock[]>;
  /**
   * Undefined where it is not known at the moment: before the sale has started, or while it is counted anew.
   */
  readonly seatMapOf: (programId: ProgramId, categoryId: CategoryId) => Promise<SeatMap | undefined>;
  readonly nowMs: () => number;
};

const filter = {
  words: textSchema(200).optional(),
  city: textSchema(200).optional(),
  genre: textSchema(32).optional(),
  showsFromMs: instantInQuery.optional(),
  showsUntilMs: instantInQuery.optional(),
};

const searchSchema = z.strictObject({
  ...filter,
  sort: z.enum(['date', 'price']).default('date'),
  direction: z.enum(['asc', 'desc']).default('asc'),
  after: z.string().max(500).optional(),
  limit: wholeNumber(1, MAX_PAGE_SIZE).default(PAGE_SIZE),
});

export const browseEndpoints = (deps: BrowseDeps): readonly Endpoint[] => [
  list(deps),
  facets(deps),
  detail(deps),
  layout(deps),
  seats(deps),
];

const list = ({ search, nowMs }: BrowseDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/programs',
    access: 'public',
    summary: 'Programs that are not cancelled, by words, city, genre and date, page by page.',
    query: searchSchema,
    answers: { 200: programsAnswer },
    handle: async ({ query }) => {
      const page = await search(query);
      if (page.kind === 'refused') return refusal('cursor_invalid');
      const now = nowMs();
      const programs = page.items.map((program) => withStatusAt(program, now));
      return json(200, { programs, next: page.next ?? null });
    },
  });

const facets = (deps: BrowseDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/programs/facets',
    access: 'public',
    summary: 'How many programs there are, in which cities and of which genres.',
    query: z.strictObject(filter),
    answers: { 200: facetsAnswer },
    handle: async ({ query }) => json(200, await deps.facets(query)),
  });

const detail = ({ programById, planOf, stockOf, nowMs }: BrowseDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/programs/:programId',
    access: 'public',
    summary: 'A program with its ticket categories, its stock and its rules.',
    params: programParams,
    answers: { 200: programAnswer },
    handle: async ({ params }) => {
      const program = await programById(params.programId);
      if (program === undefined) return refusal('program_not_found');
      const [plan, stock] = await Promise.all([planOf(program.layoutRef), stockOf(params.programId)]);
      if (plan === undefined) return missingPlan(program);
      const { limits, oneTicketPerIdDocument, holdTtlMs, paymentTtlMs } = plan;
      const { layoutRef: _, ...shown } = withStatusAt(program, nowMs());
      const rules = { limits, oneTicketPerIdDocument, holdTtlMs, paymentTtlMs };
      return json(200, {
        ...shown,
        stock: stock.length > 0 ? stock.map(counts) : fullStock(program),
        ...rules,
      });
    },
  });

const layout = ({ programById, planOf }: BrowseDeps): Endpoint => {
  // A plan never changes, so what is made of it never does either.
  const made = new LRUCache<string, string>({
    maxSize: MAX_LAYOUT_CHARACTERS,
    sizeCalculation: (text) => text.length,
  });
  return endpoint({
    method: 'GET',
    path: '/programs/:programId/layout',
    access: 'public',
    summary: 'The hall: categories, sections, rows and seats, to be drawn. Ask again with If-None-Match.',
    params: programParams,
    answers: { 200: layoutAnswerSchema, 304: 'It is what it was.' },
    handle: async ({ params, header }): Promise<Reply> => {
      const program = await programById(params.programId);
      if (program === undefined) return refusal('program_not_found');
      const etag = `"${program.layoutRef}"`;
      const caching = program.saleStatus === 'unscheduled' ? CHANGEABLE : FIXED;
      const headers = { etag, 'cache-control': caching };
      if (isAmong(header('if-none-match'), etag)) return { kind: 'empty', status: 304, headers };
      const known = made.get(program.layoutRef);
      const plan = known === undefined ? await planOf(program.layoutRef) : undefined;
      if (known === undefined && plan === undefined) return missingPlan(program);
      const bytes = known ?? JSON.stringify(plan && layoutAnswerOf(plan));
      made.set(program.layoutRef, bytes);
      return { kind: 'bytes', status: 200, contentType: 'application/json; charset=utf-8', bytes, headers };
    },
  });
};

const seats = ({ programById, planOf, seatMapOf }: BrowseDeps): Endpoint =>
  endpoint({
    method: 'GET',
    path: '/programs/:programId/seats/:categoryId',
    access: 'public',
    summary: 'Which seats of a category are free, held, sold or blocked.',
    params: categoryParams,
    answers: { 200: seatsAnswer },
    handle: async ({ params: { programId, categoryId } }) => {
      const map = await seatMapOf(programId, categoryId);
      if (map !== undefined) return json(200, { ...map, statuses: base64(map.statuses) });
      const program = await programById(programId);
      if (program === undefined) return refusal('program_not_found');
      const category = program.ticketCategories.find((each) => each.categoryId === categoryId);
      if (category?.kind !== 'seated') return refusal('unknown_category');
      if (program.saleStatus !== 'unscheduled') {
        return refusal('unavailable', { headers: { 'retry-after': '1' } });
      }
      const plan = await planOf(program.layoutRef);
      const untouched = plan && untouchedSeats(plan, categoryId);
      if (untouched === undefined) return missingPlan(program);
      return json(200, { ...untouched, revision: null, statuses: base64(untouched.statuses) });
    },
  });

/** The hours are kept to the millisecond by the sale; what is stored of them is a little later. */
const withStatusAt = <Program extends ProgramSummary>(program: Program, nowMs: number): Program => {
  const { saleStatus, opensAtMs, closesAtMs } = program;
  if ((saleStatus !== 'scheduled' && saleStatus !== 'open') || closesAtMs === null) return program;
  if (nowMs >= closesAtMs) return { ...program, saleStatus: 'closed' };
  return opensAtMs !== null && nowMs >= opensAtMs ? { ...program, saleStatus: 'open' } : program;
};

const counts = ({ categoryId, capacity, held, sold, free }: Stock): Stock => ({
  categoryId,
  capacity,
  held,
  sold,
  free,
});

const fullStock = ({ ticketCategories }: ProgramDetail): readonly Stock[] =>
  ticketCategories.map(({ categoryId, capacity }) => ({
    categoryId,
    capacity,
    held: 0,
    sold: 0,
    free: capacity,
  }));

/** Thrown and logged: programs are published after their plans. */
const missingPlan = ({ programId, layoutRef }: ProgramDetail): never => {
  throw new Error(`Program ${programId} names no plan: ${layoutRef}.`);
};

const isAmong = (tags: string | undefined, etag: string): boolean =>
  tags?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*') ?? false;

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
