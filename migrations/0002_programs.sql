-- What people browse: one row for each program, and one for each of its ticket categories.
create table program (
  program_id text primary key,
  title_zh text,
  title_en text,
  city_zh text,
  city_en text,
  venue_zh text,
  venue_en text,
  genre text not null,
  shows_at_ms bigint not null,
  description_zh text,
  description_en text,
  cover text,
  currency text not null,
  price_from_minor bigint not null,
  layout_ref text not null,
  -- unscheduled, scheduled, open, closed or cancelled.
  sale_status text not null,
  opens_at_ms bigint,
  closes_at_ms bigint,
  cancelled_at_ms bigint,
  cancel_reason text,
  -- Null follows the engine's own setting.
  dispatch_split jsonb,
  published_at_ms bigint not null,
  -- Titles, cities, venues and genre in the form that words of a search are brought to.
  search_text text not null,
  -- The city's names in that form.
  city_keys text[] not null
);

create index program_by_date on program (shows_at_ms, program_id);
create index program_by_price on program (price_from_minor, program_id);

create table ticket_category (
  program_id text not null,
  category_id text not null,
  -- As the program lists them, from 0.
  position smallint not null,
  name_zh text,
  name_en text,
  price_minor bigint not null,
  kind text not null,
  capacity integer not null,
  primary key (program_id, category_id)
);
