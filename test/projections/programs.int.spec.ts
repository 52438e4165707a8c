/** What visitors find: in either language, page by page, and counted. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ProgramEvent,
  programDetailsSchema,
  programOfferSchema,
  programStream,
} from '../../src/domain/program/index.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import {
  type ProgramSearch,
  programById,
  programFacets,
  searchPrograms,
} from '../../src/projections/programs/index.ts';
import { applyInBatches, contents, emptyTables, inLog, useDatabase } from './read-models.ts';

const DAY_MS = 86_400_000;
const FIRST_MS = Date.UTC(2026, 5, 1);
const OPENS_AT_MS = Date.UTC(2026, 4, 1);

const database = useDatabase();

type Show = {
  readonly id: string;
  readonly zh?: string;
  readonly en?: string;
  readonly city: { zh?: string; en?: string };
  readonly genre: string;
  readonly day: number;
  readonly prices: readonly number[];
};

const SHANGHAI = { zh: '上海', en: 'Shanghai' };
const BEIJING = { zh: '北京', en: 'Beijing' };
const SHOWS: readonly Show[] = [
  { id: 'jay', zh: '周杰伦嘉年华演唱会', city: SHANGHAI, genre: 'concert', day: 1, prices: [900, 300] },
  { id: 'swan', zh: '天鹅湖', en: 'Swan Lake', city: SHANGHAI, genre: 'ballet', day: 2, prices: [500] },
  { id: 'lake', en: 'Songs of the LAKE', city: { en: 'London' }, genre: 'concert', day: 3, prices: [200] },
  { id: 'tea', zh: '茶馆', city: BEIJING, genre: 'theatre', day: 3, prices: [200, 100] },
  { id: 'odd', en: '100% _Live_ \\o/', city: BEIJING, genre: 'concert', day: 4, prices: [300] },
];

const published = ({ id, zh, en, city, genre, day, prices }: Show): ProgramEvent => ({
  type: 'ProgramPublished',
  data: {
    programId: programIdSchema.parse(id),
    details: programDetailsSchema.parse({
      title: { zh, en },
      city,
      venue: { en: 'The Hall' },
      genre,
      showsAtMs: FIRST_MS + day * DAY_MS,
    }),
    offer: programOfferSchema.parse({
      currency: 'CNY',
      layoutRef: 'hall',
      ticketCategories: prices.map((priceMinor, index) => ({
        categoryId: `c${index}`,
        name: { zh: `看台${index}` },
        priceMinor,
        kind: 'seated',
        capacity: 10,
      })),
    }),
    publishedAtMs: FIRST_MS,
  },
});

const logOf = (events: readonly ProgramEvent[]) =>
  inLog(events.map((event) => ({ stream: programStream(event.data.programId), event })));

const SEARCH: ProgramSearch = { sort: 'date', direction: 'asc', limit: 10 };
const found = async (search: Partial<ProgramSearch>): Promise<string[]> => {
  const page = await searchPrograms(database.db, { ...SEARCH, ...search });
  if (page.kind === 'refused') throw new Error(page.code);
  return page.items.map(({ programId }) => programId);
};

describe('the search for programs', () => {
  beforeAll(async () => {
    await emptyTables(database.db);
    await applyInBatches(database.db, [logOf(SHOWS.map(published))]);
  });

  it.each([
    ['swan', ['swan']],
    ['LAKE', ['swan', 'lake']],
    ['ｓｗａｎ　lake', ['swan']],
    ['天鹅', ['swan']],
    ['周杰伦上海', ['jay']],
    ['上海 演唱会', ['jay']],
    ['shanghai', ['jay', 'swan']],
    ['the hall concert', ['jay', 'lake', 'odd']],
    ['100%', ['odd']],
    ['_live_', ['odd']],
    ['hamlet', []],
    ['', ['jay', 'swan', 'lake', 'tea', 'odd']],
  ])('finds for "%s" %j', async (words, expected) => {
    expect((await found({ words })).sort()).toEqual([...expected].sort());
  });

  it('filters by city in either language, by genre and by time', async () => {
    expect(await found({ city: '上海' })).toEqual(['jay', 'swan']);
    expect(await found({ city: 'beijing' })).toEqual(['tea', 'odd']);
    expect(await found({ city: 'Shang' })).toEqual([]);
    expect(await found({ genre: 'concert', city: 'London' })).toEqual(['lake']);
    const showsFromMs = FIRST_MS + 2 * DAY_MS;
    expect(await found({ showsFromMs, showsUntilMs: showsFromMs + DAY_MS })).toEqual(['swan']);
  });

  it.each([
    ['date', 'asc', ['jay', 'swan', 'lake', 'tea', 'odd']],
    ['date', 'desc', ['odd', 'tea', 'lake', 'swan', 'jay']],
    ['price', 'asc', ['tea', 'lake', 'jay', 'odd', 'swan']],
    ['price', 'desc', ['swan', 'odd', 'jay', 'lake', 'tea']],
  ] as const)('sorts by %s %s, also in pages of two', async (sort, direction, expected) => {
    expect(await found({ sort, direction })).toEqual(expected);
    const paged: string[] = [];
    let after: string | undefined;
    do {
      const page = await searchPrograms(database.db, { ...SEARCH, sort, direction, after, limit: 2 });
      if (page.kind === 'refused') throw new Error(page.code);
      expect(page.items.length).toBeLessThanOrEqual(2);
      paged.push(...page.items.map(({ programId }) => programId));
      after = page.next;
    } while (after !== undefined);
    expect(paged).toEqual(expected);
  });

  it('refuses a cursor that is none, or that belongs to another order', async () => {
    const page = await searchPrograms(database.db, { ...SEARCH, limit: 1 });
    if (page.kind === 'refused') throw new Error(page.code);
    for (const after of [
      '',
      'nonsense',
      '=',
      'x'.repeat(5_000),
      Buffer.from('["x"]').toString('base64url'),
    ]) {
      expect(await searchPrograms(database.db, { ...SEARCH, after })).toMatchObject({ kind: 'refused' });
    }
    const other = await searchPrograms(database.db, { ...SEARCH, direction: 'desc', after: page.next });
    expect(other).toEqual({ kind: 'refused', code: 'cursor_malformed' });
  });

  it('counts what each city and genre would show', async () => {
    expect(await programFacets(database.db, { genre: 'concert' })).toEqual({
      total: 3,
      cities: [
        { city: BEIJING, count: 1 },
        { city: { zh: null, en: 'London' }, count: 1 },
        { city: SHANGHAI, count: 1 },
      ],
      genres: [
        { genre: 'concert', count: 3 },
        { genre: 'ballet', count: 1 },
        { genre: 'theatre', count: 1 },
      ],
    });
  });
});

describe('a program', () => {
  const show: Show = { id: 'life', zh: '一生', city: SHANGHAI, genre: 'theatre', day: 9, prices: [700, 400] };
  const programId = programIdSchema.parse(show.id);
  const first = published(show);
  const revision = published({ ...show, zh: '一生（修订）', en: 'A Life', prices: [600] });
  if (revision.type !== 'ProgramPublished') throw new Error('It is published.');
  const { details, offer } = revision.data;
  const life: ProgramEvent[] = [
    first,
    { type: 'ProgramRevised', data: { programId, details, offer, revisedAtMs: 5 } },
    { type: 'SaleScheduled', data: { programId, opensAtMs: OPENS_AT_MS, closesAtMs: FIRST_MS } },
    { type: 'SaleOpened', data: { programId, openedAtMs: OPENS_AT_MS } },
    { type: 'DispatchModeChanged', data: { programId, split: [{ mode: 'v4', weight: 1 }] } },
    { type: 'ProgramCancelled', data: { programId, cancelledAtMs: OPENS_AT_MS + 1, reason: 'storm' } },
  ];

  it('is shown as its last events left it, and no more found once it is cancelled', async () => {
    await emptyTables(database.db);
    await applyInBatches(database.db, [logOf(life.slice(0, 5))]);
    expect(await found({ words: '一生' })).toEqual(['life']);
    expect(await programById(database.db, programId)).toMatchObject({
      title: { en: 'A Life' },
      saleStatus: 'open',
      opensAtMs: OPENS_AT_MS,
      closesAtMs: FIRST_MS,
      priceFromMinor: 600,
      dispatchSplit: [{ mode: 'v4', weight: 1 }],
      ticketCategories: [{ categoryId: 'c0', priceMinor: 600, name: { zh: '看台0', en: null } }],
    });
    await applyInBatches(database.db, [logOf(life).slice(5)]);
    expect(await programById(database.db, programId)).toMatchObject({
      saleStatus: 'cancelled',
      cancelReason: 'storm',
    });
    expect(await found({ words: '一生' })).toEqual([]);
    expect(await found({ words: '一生', includeCancelled: true })).toEqual(['life']);
  });

  it('has the same rows event by event and in one batch', async () => {
    await emptyTables(database.db);
    await applyInBatches(database.db, [logOf(life)]);
    const atOnce = await contents(database.db);
    await emptyTables(database.db);
    await applyInBatches(
      database.db,
      logOf(life).map((event) => [event]),
    );
    expect(await contents(database.db)).toEqual(atOnce);
  });

  it('is undefined when there is none of that id', async () => {
    expect(await programById(database.db, programIdSchema.parse('nothing'))).toBeUndefined();
  });
});
