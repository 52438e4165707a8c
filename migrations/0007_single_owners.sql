-- What one owner at a time does, and how far it has come. No projection fills these, and no rebuild touches them.

-- How far processes and lanes of the order queue have come in the log. May be lost: what was done is then looked
-- at again, and changes nothing.
create table process_checkpoint (
  name text primary key,
  position bigint not null
);

-- Who does what at the moment, by this database's clock. Saves work and nothing else: may be emptied at any time.
create table work_lease (
  name text primary key,
  holder text not null,
  until timestamptz not null
);
