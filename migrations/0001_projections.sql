-- How far each projection has come. A projection's rows and its position change in one transaction.
create table projection (
  name text primary key,
  version integer not null,
  -- Commit position in $all of the last event applied or passed over; null before the first.
  position bigint,
  -- When that event was recorded, in ms since the Unix epoch.
  recorded_at_ms bigint,
  -- Set while the projection stands at an event it cannot apply: it waits for an explicit retry or skip.
  stopped jsonb
);
