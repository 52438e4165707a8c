-- Payments, what goes back of them, and charges that pay nothing. The gene is that of the order, so that an
-- order and its payments are in partitions of one number.

create table payment (
  gene smallint not null,
  payment_number bigint not null,
  order_number bigint not null,
  program_id text not null,
  buyer text not null,
  provider text not null,
  amount_minor bigint not null,
  currency text not null,
  -- requested, failed, captured, partly_refunded or refunded: what became of the charge that pays the order.
  status text not null,
  -- The provider's name of that charge.
  provider_reference text,
  captured_minor bigint not null,
  refunded_minor bigint not null,
  -- Set aside for refunds that are under way or have failed.
  refunding_minor bigint not null,
  failure_code text,
  requested_at_ms bigint not null,
  captured_at_ms bigint,
  failed_at_ms bigint,
  -- When the last refund of that charge completed.
  refunded_at_ms bigint,
  primary key (gene, payment_number)
) partition by hash (gene);

create index payment_of_order on payment (gene, order_number);
create index payment_of_program on payment (program_id);

-- Charges that pay nothing and have to go back. Their currency may be another than the payment's.
create table stray_charge (
  gene smallint not null,
  payment_number bigint not null,
  provider_reference text not null,
  program_id text not null,
  -- wrong_amount, wrong_currency or already_captured.
  cause text not null,
  amount_minor bigint not null,
  currency text not null,
  refunded_minor bigint not null,
  refunding_minor bigint not null,
  captured_at_ms bigint not null,
  primary key (gene, payment_number, provider_reference)
) partition by hash (gene);

create index stray_charge_of_program on stray_charge (program_id);

create table refund (
  gene smallint not null,
  payment_number bigint not null,
  refund_id text not null,
  order_number bigint not null,
  program_id text not null,
  -- The charge it gives back.
  provider_reference text not null,
  amount_minor bigint not null,
  currency text not null,
  reason text not null,
  -- requested, failed or completed.
  status text not null,
  attempt smallint not null,
  -- Of the last attempt that failed.
  failure_code text,
  requested_at_ms bigint not null,
  -- When it came to its status.
  changed_at_ms bigint not null,
  primary key (gene, payment_number, refund_id)
) partition by hash (gene);

-- What a person has to look at: few, and gone from here when it is settled.
create index refund_stuck on refund (changed_at_ms, payment_number, refund_id) where status = 'failed';

do $$
begin
  for remainder in 0..15 loop
    execute format(
      -- Room on each page: a payment is written again when it is captured.
      'create table payment_%1$s partition of payment for values with (modulus 16, remainder %1$s)
         with (fillfactor = 70)', remainder);
    execute format(
      'create table stray_charge_%1$s partition of stray_charge
         for values with (modulus 16, remainder %1$s)', remainder);
    execute format(
      'create table refund_%1$s partition of refund for values with (modulus 16, remainder %1$s)', remainder);
  end loop;
end
$$;
