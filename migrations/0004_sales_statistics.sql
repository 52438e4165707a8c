-- Stock as it is now. A category is its place in the sale's layout.
create table category_stock (
  program_id text not null,
  category smallint not null,
  category_id text not null,
  price_minor bigint not null,
  -- Without the blocked seats.
  capacity integer not null,
  held integer not null,
  sold integer not null,
  primary key (program_id, category)
);

-- What happened in each minute, by the time the events were recorded.
create table sales_minute (
  program_id text not null,
  category smallint not null,
  -- Its first millisecond.
  minute_ms bigint not null,
  held integer not null,
  released integer not null,
  sold integer not null,
  refunded integer not null,
  revenue_minor bigint not null,
  refunded_minor bigint not null,
  primary key (program_id, category, minute_ms)
);
