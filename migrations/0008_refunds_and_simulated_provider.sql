-- What the payments need beside the log. No rebuild touches these tables.

-- Refunds that failed, until they were tried again.
create table refund_retry (
  refund_id text not null,
  attempt smallint not null,
  payment_number bigint not null,
  correlation_id text not null,
  due_ms bigint not null,
  primary key (refund_id, attempt)
);
create index refund_retry_due on refund_retry (due_ms);

-- The simulated payment provider: what a real one would keep on its own side.
create table simulated_charge (
  charge_id text primary key,
  payment_number bigint not null unique,
  order_number bigint not null,
  amount_minor bigint not null,
  currency text not null,
  deadline_ms bigint not null,
  -- open, paid or declined
  status text not null
);

-- Money it took; more than one for a charge only where somebody tries what happens then.
create table simulated_capture (
  reference text primary key,
  charge_id text not null references simulated_charge,
  amount_minor bigint not null
);

create table simulated_refund (
  refund_id text primary key,
  reference text not null references simulated_capture,
  amount_minor bigint not null,
  attempt smallint not null,
  -- completed or failed
  status text not null
);
create index simulated_refund_of on simulated_refund (reference);

-- Callbacks that were not answered yet. A row is deleted once the engine has taken it.
create table simulated_callback (
  callback_id bigint generated always as identity primary key,
  body text not null,
  due_ms bigint not null,
  tries smallint not null
);
create index simulated_callback_due on simulated_callback (due_ms);
