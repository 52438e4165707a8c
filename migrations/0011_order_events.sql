-- Where in the log an order's history is: a row for each event that touched it. This is the largest table, so
-- it says nothing that follows from another column or row.
create table order_event (
  order_number bigint not null,
  -- Commit position in $all.
  position bigint not null,
  -- In its stream.
  revision bigint not null,
  recorded_at_ms bigint not null,
  -- What the stream is of, beside its category, which follows from the type: the payment number, or the lane.
  stream_of bigint,
  gene smallint not null,
  -- A code that src/projections/order-events/types.ts gives.
  type smallint not null,
  -- With the events an order begins with; its later events are in the sale of the same program.
  program_id text
) partition by hash (gene);

-- The gene is part of the number, and positions are few within one.
create index order_event_of_order on order_event (order_number);

do $$
begin
  for remainder in 0..15 loop
    execute format(
      'create table order_event_%1$s partition of order_event
         for values with (modulus 16, remainder %1$s)', remainder);
  end loop;
end
$$;
