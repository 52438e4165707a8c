-- What the runner of the projections says of itself, for processes that do not run it. May be emptied at any time.
create table projection_report (
  name text primary key,
  reported_at timestamptz not null default now(),
  report json not null
);

-- Who let a stopped projection go on, and at which event: a skipped one is missing from its rows until they are
-- rebuilt. Nothing brings these rows back.
create table projection_resume (
  id bigint generated always as identity primary key,
  name text not null,
  -- retry or skip.
  how text not null,
  -- Null when the request did not say.
  asked_by text,
  asked_at_ms bigint not null default (extract(epoch from clock_timestamp()) * 1000)::bigint,
  -- The event it stood at, and why, as projection.stopped had it.
  stopped jsonb not null
);
