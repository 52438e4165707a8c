-- What the engine keeps beside the log, and no rebuild touches.

-- The newest known state of large streams. May be deleted at any time: the next start takes longer.
create table snapshot (
  stream text primary key,
  revision bigint not null,
  bytes bytea not null
);
alter table snapshot alter column bytes set storage external;

-- The key of each person, wrapped by the master key; null once destroyed, for ever. Cannot be rebuilt: back
-- it up.
create table person_key (
  id text primary key,
  wrapped text
);

-- The end of the order number times that were ever granted to a worker id. It is never set back over a
-- number.
create table worker_lease (
  worker_id smallint primary key,
  until_ms bigint not null,
  holder text
);
insert into worker_lease (worker_id, until_ms) select worker_id, 0 from generate_series(0, 127) as worker_id;
