/** What the events of programs make of their rows. */
import type { ProgramDetails, ProgramEvent, ProgramOffer } from '../../domain/program/index.ts';
import { unreachable } from '../../domain/shared/event.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { searchable, searchTextOf } from './search-text.ts';
import type { ProgramRow, TicketCategoryRow } from './table.ts';

export type ProgramRows = {
  readonly program: ProgramRow;
  /** Undefined while they stay what they are in the table. */
  readonly categories: readonly TicketCategoryRow[] | undefined;
};

/** Throws when a program changes that was never published. */
export const evolve = (rows: ProgramRows | undefined, event: ProgramEvent): ProgramRows => {
  if (event.type === 'ProgramPublished') return published(event.data);
  if (rows === undefined) throw new Error(`${event.type} comes before ProgramPublished.`);
  const changed = (change: Partial<ProgramRow>): ProgramRows => ({
    ...rows,
    program: { ...rows.program, ...change },
  });
  switch (event.type) {
    case 'ProgramRevised': {
      const { programId, details, offer } = event.data;
      const program = { ...rows.program, ...detailColumns(details), ...offerColumns(offer) };
      return { program, categories: categoryRows(programId, offer) };
    }
    case 'SaleScheduled': {
      const { opensAtMs, closesAtMs } = event.data;
      return changed({ sale_status: 'scheduled', opens_at_ms: opensAtMs, closes_at_ms: closesAtMs });
    }
    case 'SaleOpened':
      return changed({ sale_status: 'open' });
    case 'SaleClosed':
      return changed({ sale_status: 'closed' });
    case 'ProgramCancelled': {
      const { cancelledAtMs, reason } = event.data;
      return changed({ sale_status: 'cancelled', cancelled_at_ms: cancelledAtMs, cancel_reason: reason });
    }
    case 'DispatchModeChanged':
      return changed({ dispatch_split: event.data.split });
    default:
      return unreachable(event);
  }
};

type Published = Extract<ProgramEvent, { readonly type: 'ProgramPublished' }>['data'];

const published = ({ programId, details, offer, publishedAtMs }: Published): ProgramRows => ({
  program: {
    program_id: programId,
    ...detailColumns(details),
    ...offerColumns(offer),
    sale_status: 'unscheduled',
    opens_at_ms: null,
    closes_at_ms: null,
    cancelled_at_ms: null,
    cancel_reason: null,
    dispatch_split: null,
    published_at_ms: publishedAtMs,
  },
  categories: categoryRows(programId, offer),
});

const detailColumns = (details: ProgramDetails) => {
  const { title, city, venue, genre, showsAtMs, description, cover } = details;
  return {
    title_zh: title.zh ?? null,
    title_en: title.en ?? null,
    city_zh: city.zh ?? null,
    city_en: city.en ?? null,
    venue_zh: venue.zh ?? null,
    venue_en: venue.en ?? null,
    genre,
    shows_at_ms: showsAtMs,
    description_zh: description?.zh ?? null,
    description_en: description?.en ?? null,
    cover: cover ?? null,
    search_text: searchTextOf(details),
    city_keys: [city.zh, city.en].flatMap((name) => (name === undefined ? [] : [searchable(name)])),
  };
};

const offerColumns = ({ currency, ticketCategories, layoutRef }: ProgramOffer) => ({
  currency,
  price_from_minor: Math.min(...ticketCategories.map(({ priceMinor }) => priceMinor)),
  layout_ref: layoutRef,
});

const categoryRows = (programId: ProgramId, { ticketCategories }: ProgramOffer): TicketCategoryRow[] =>
  ticketCategories.map(({ categoryId, name, priceMinor, kind, capacity }, position) => ({
    program_id: programId,
    category_id: categoryId,
    position,
    name_zh: name.zh ?? null,
    name_en: name.en ?? null,
    price_minor: priceMinor,
    kind,
    capacity,
  }));
