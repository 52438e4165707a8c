-- Tickets, one row an order: they are written when the order is placed, in the thick of a sale, and show once
-- they are issued, which changes one row, however many tickets.

-- What seat numbers mean: the layout a sale was started with.
create table ticket_hall (
  program_id text primary key,
  currency text not null,
  layout jsonb not null
);

create table order_tickets (
  gene smallint not null,
  order_number bigint not null,
  program_id text not null,
  buyer text not null,
  -- By their places in the order: [ticket user, category] and, where seated, seat, section, row and label.
  tickets json not null,
  -- The places in the order of those that were refunded.
  refunded smallint[] not null,
  -- Null until they are issued: before that nobody has a ticket.
  issued_at_ms bigint,
  primary key (gene, order_number)
) partition by hash (gene);

create index order_tickets_by_buyer on order_tickets (gene, buyer, order_number desc)
  where issued_at_ms is not null;

do $$
begin
  for remainder in 0..15 loop
    execute format(
      'create table order_tickets_%1$s partition of order_tickets
         for values with (modulus 16, remainder %1$s) with (fillfactor = 70)', remainder);
  end loop;
end
$$;

-- One row a ticket.
create view ticket as
select
  gene,
  order_number,
  -- The place of the ticket in the order, from 0.
  (place - 1)::smallint as line,
  program_id,
  buyer,
  entry ->> 0 as ticket_user,
  entry ->> 1 as category_id,
  (entry ->> 2)::integer as seat,
  entry ->> 3 as section,
  entry ->> 4 as row_label,
  entry ->> 5 as seat_label,
  case when (place - 1) = any (refunded) then 'refunded' else 'live' end as status,
  issued_at_ms
from order_tickets, json_array_elements(tickets) with ordinality as listed (entry, place)
where issued_at_ms is not null;
