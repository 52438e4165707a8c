-- Unpaid orders and holds on the seat map, until they end.
create table deadline (
  program_id text not null,
  -- order or hold.
  kind text not null,
  -- Order number or hold token.
  subject text not null,
  due_at_ms bigint not null,
  primary key (program_id, kind, subject)
);

create index deadline_by_time on deadline (due_at_ms, program_id, kind, subject);
