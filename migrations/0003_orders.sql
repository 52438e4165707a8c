-- Orders and their tickets. The gene of an order number is its last eight bits, taken from the buyer's id:
-- both "my orders" and "this order" are found in one partition.

-- What seat numbers mean: the layout a sale was started with.
create table sale (
  program_id text primary key,
  currency text not null,
  layout jsonb not null
);

create table order_ (
  gene smallint not null,
  order_number bigint not null,
  program_id text not null,
  buyer text not null,
  -- queued, awaiting_payment, paid, issued, cancelled, expired, payment_refused, refunded, rejected or
  -- repeated.
  status text not null,
  currency text,
  amount_minor bigint,
  refunded_minor bigint not null,
  together text,
  -- Until when it is to be paid, or, while it is queued, to be decided.
  deadline_ms bigint,
  payment_number bigint,
  -- Why it was rejected, or its late payment refused.
  refusal text,
  -- The order that a repeated request had led to before.
  repeats bigint,
  -- When the events were recorded.
  asked_at_ms bigint not null,
  placed_at_ms bigint,
  paid_at_ms bigint,
  issued_at_ms bigint,
  ended_at_ms bigint,
  primary key (gene, order_number)
) partition by hash (gene);

create index order_by_buyer on order_ (gene, buyer, order_number desc);

create table order_line (
  gene smallint not null,
  order_number bigint not null,
  -- The place of the ticket in the order, from 0.
  line smallint not null,
  ticket_user text not null,
  category_id text not null,
  -- Null in general admission, like the labels.
  seat integer,
  section text,
  row_label text,
  seat_label text,
  price_minor bigint not null,
  refunded boolean not null,
  primary key (gene, order_number, line)
) partition by hash (gene);

do $$
begin
  for remainder in 0..15 loop
    execute format(
      -- Room on each page: an order is written several times soon after it was placed.
      'create table order_%1$s partition of order_ for values with (modulus 16, remainder %1$s)
         with (fillfactor = 70)', remainder);
    execute format(
      'create table order_line_%1$s partition of order_line
         for values with (modulus 16, remainder %1$s)', remainder);
  end loop;
end
$$;
