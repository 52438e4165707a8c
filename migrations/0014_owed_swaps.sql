-- Builds that went live and that the log may not say yet: the swap writes the row, and whoever has recorded it takes the
-- row away. Nothing brings these rows back.
create table owed_swap (
  id uuid primary key,
  owed_at timestamptz not null default clock_timestamp(),
  swap json not null
);
