/** Orders with their tickets, and the layouts that name seats, as `migrations/0003_orders.sql` has them. */
import type { Layout, OrderStatus, SaleRefusalCode, Togetherness } from '../../domain/sale/index.ts';
import type {
  CategoryId,
  OrderNumber,
  PaymentNumber,
  ProgramId,
  TicketUserId,
  UserId,
} from '../../domain/shared/ids.ts';
import type { Currency } from '../../domain/shared/money.ts';
import type { BulkTable } from '../bulk-table.ts';
import { type Columns, wide, wideOrNull } from '../columns.ts';

export type SaleRow = { program_id: ProgramId; currency: Currency; layout: Layout };

export type OrderRow = {
  gene: number;
  order_number: OrderNumber;
  program_id: ProgramId;
  buyer: UserId;
  status: OrderStatus;
  currency: Currency | null;
  amount_minor: number | null;
  refunded_minor: number;
  together: Togetherness | null;
  deadline_ms: number | null;
  payment_number: PaymentNumber | null;
  refusal: SaleRefusalCode | null;
  repeats: OrderNumber | null;
  asked_at_ms: number;
  placed_at_ms: number | null;
  paid_at_ms: number | null;
  issued_at_ms: number | null;
  ended_at_ms: number | null;
};

export type OrderLineRow = {
  gene: number;
  order_number: OrderNumber;
  line: number;
  ticket_user: TicketUserId;
  category_id: CategoryId;
  seat: number | null;
  section: string | null;
  row_label: string | null;
  seat_label: string | null;
  price_minor: number;
  refunded: boolean;
};

/** Order and payment numbers are text in every row: their 63 bits are more than a number holds. */
export type OrdersTables = {
  sale: SaleRow;
  order_: Columns<
    OrderRow,
    | 'amount_minor'
    | 'refunded_minor'
    | 'deadline_ms'
    | 'asked_at_ms'
    | 'placed_at_ms'
    | 'paid_at_ms'
    | 'issued_at_ms'
    | 'ended_at_ms'
  >;
  order_line: Columns<OrderLineRow, 'price_minor'>;
};

export const orderTable: BulkTable<OrderRow> = {
  name: 'order_',
  key: ['gene', 'order_number'],
  columns: {
    gene: 'smallint',
    order_number: 'bigint',
    program_id: 'text',
    buyer: 'text',
    status: 'text',
    currency: 'text',
    amount_minor: 'bigint',
    refunded_minor: 'bigint',
    together: 'text',
    deadline_ms: 'bigint',
    payment_number: 'bigint',
    refusal: 'text',
    repeats: 'bigint',
    asked_at_ms: 'bigint',
    placed_at_ms: 'bigint',
    paid_at_ms: 'bigint',
    issued_at_ms: 'bigint',
    ended_at_ms: 'bigint',
  },
};

export const orderLineTable: BulkTable<OrderLineRow> = {
  name: 'order_line',
  key: ['gene', 'order_number', 'line'],
  columns: {
    gene: 'smallint',
    order_number: 'bigint',
    line: 'smallint',
    ticket_user: 'text',
    category_id: 'text',
    seat: 'integer',
    section: 'text',
    row_label: 'text',
    seat_label: 'text',
    price_minor: 'bigint',
    refunded: 'boolean',
  },
};

export const orderColumns = [
  'gene',
  'order_number',
  'program_id',
  'buyer',
  'status',
  'currency',
  wideOrNull('amount_minor'),
  wide('refunded_minor'),
  'together',
  wideOrNull('deadline_ms'),
  'payment_number',
  'refusal',
  'repeats',
  wide('asked_at_ms'),
  wideOrNull('placed_at_ms'),
  wideOrNull('paid_at_ms'),
  wideOrNull('issued_at_ms'),
  wideOrNull('ended_at_ms'),
] as const;

/** Without those that name the order. */
export const shownLineColumns = [
  'line',
  'ticket_user',
  'category_id',
  'seat',
  'section',
  'row_label',
  'seat_label',
  wide('price_minor'),
  'refunded',
] as const;

export const orderLineColumns = ['gene', 'order_number', ...shownLineColumns] as const;
