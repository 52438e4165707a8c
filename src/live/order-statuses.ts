/**
 * What has become of an order, for those who ask again and again: one key an order, read in one round trip. Written
 * behind the log, for an hour; whoever finds nothing here asks the read models.
 */
import { z } from 'zod';
import {
  type OrderStatus,
  orderStatuses,
  type SaleRefusalCode,
  saleRefusalCodes,
} from '../domain/sale/index.ts';
import {
  type OrderNumber,
  orderNumberSchema,
  type ProgramId,
  programIdSchema,
  type UserId,
  userIdSchema,
} from '../domain/shared/ids.ts';
import { createCaution, within } from '../gate/caution.ts';
import { openRegistry, type Script, type ScriptClient } from '../gate/registry.ts';

const SECOND_MS = 1_000;
export const STATUS_TTL_MS = 3_600 * SECOND_MS;
const TIMEOUT_MS = 100;
const PAUSE_MS = SECOND_MS;
const WRITE_TIMEOUT_MS = 5 * SECOND_MS;
/** Less than every revision of a sale: what the queue says is older than all that the sale says. */
const QUEUED = -1n;

export type OrderStatusFound = {
  readonly status: OrderStatus;
  readonly buyer: UserId;
  readonly programId: ProgramId;
  /** Why it was rejected, or its payment refused. */
  readonly refusal?: SaleRefusalCode;
  /** Until when it is decided, or to be paid; ms since 1970. */
  readonly deadlineMs?: number;
  /** Of a repeated request: the order that it got before. */
  readonly of?: OrderNumber;
};

export type OrderStatusWrite = Omit<OrderStatusFound, 'buyer'> & {
  readonly orderNumber: OrderNumber;
  /** Of the event in the sale that says so. A write never replaces one of the same or a later revision. */
  readonly revision: bigint;
  /** Left out where the event does not say: the buyer who is known stays. */
  readonly buyer?: UserId | undefined;
};

export type QueuedOrderStatus = Pick<OrderStatusFound, 'buyer' | 'programId'> & {
  readonly orderNumber: OrderNumber;
  readonly deadlineMs: number;
};

export type OrderStatuses = {
  /** Undefined where Redis knows nothing or does not answer: ask the read models. Never rejects. */
  readonly read: (orderNumber: OrderNumber) => Promise<OrderStatusFound | undefined>;
  /** For a node, right behind its append; replaces nothing that was decided meanwhile. Never rejects. */
  readonly markQueued: (order: QueuedOrderStatus) => Promise<void>;
  /** One order at most once. Rejects when Redis fails or is late: to be repeated, which changes nothing. */
  readonly write: (batch: readonly OrderStatusWrite[]) => Promise<void>;
};

export type OrderStatusesOptions = {
  readonly client: ScriptClient & { get(key: string): Promise<string | null> };
  /** Why a status was not to be had, once per failure and not while Redis is left alone. */
  readonly onTrouble: (error: Error) => void;
  /** Longest wait of a reader; 100 ms unless given. */
  readonly timeoutMs?: number;
  readonly ttlMs?: number;
};

export const statusScript: Script<OrderStatusWrite & { readonly ttlMs: number }, string, 'order'> = {
  name: 'status',
  keys: ['order'],
  args: ({ revision, status, buyer, programId, refusal, deadlineMs, of, ttlMs }) => [
    ...[
      revision.toString(),
      status,
      buyer ?? '',
      programId,
      refusal ?? '',
      deadlineMs ?? '',
      of ?? '',
      ttlMs,
    ],
  ],
  parse: (reply) => z.enum(['written', 'newer', 'unknown']).parse(reply),
};

/** What the node itself knows of a queued order. */
export const queuedWrite = (order: QueuedOrderStatus): OrderStatusWrite => ({
  ...order,
  status: 'queued',
  revision: QUEUED,
});

/** Throws when `lua/` is missing or contradicts itself. */
export const createOrderStatuses = (options: OrderStatusesOptions): OrderStatuses => {
  const { client, onTrouble, timeoutMs = TIMEOUT_MS, ttlMs = STATUS_TTL_MS } = options;
  const run = openRegistry(client);
  const caution = createCaution({ timeoutMs, pauseMs: PAUSE_MS, onTrouble });
  const writeOne = (write: OrderStatusWrite): Promise<string> =>
    run(statusScript, { order: statusKeyOf(write.orderNumber) }, { ...write, ttlMs });
  return {
    read: async (orderNumber) => {
      const value = await caution(() => client.get(statusKeyOf(orderNumber)));
      return value === undefined || value === null ? undefined : parseStatus(value);
    },
    markQueued: async (order) => {
      await caution(() => writeOne(queuedWrite(order)));
    },
    // All are sent before the first is answered, each to the node that has it.
    write: async (batch) => {
      await within(WRITE_TIMEOUT_MS, () => Promise.all(batch.map(writeOne)));
    },
  };
};

/** A hash tag of its own: orders are spread over a cluster, not where their program is. */
export const statusKeyOf = (orderNumber: OrderNumber): string => `seatlog:order:{${orderNumber}}`;

/** As Redis matches keys. */
export const ANY_STATUS = 'seatlog:order:*';

/** Undefined for a key that no order has. */
export const orderOfStatusKey = (key: string): OrderNumber | undefined => {
  const [, orderNumber] = /^seatlog:order:\{(.+)\}$/.exec(key) ?? [];
  return orderNumberSchema.safeParse(orderNumber).data;
};

/** What the script writes. */
export const statusValueOf = (
  write: Omit<OrderStatusWrite, 'buyer' | 'orderNumber'> & { readonly buyer: UserId },
): string => {
  const { revision, status, buyer, programId, refusal, deadlineMs, of } = write;
  return [revision, status, buyer, programId, refusal ?? '', deadlineMs ?? '', of ?? ''].join('|');
};

/** Of the sale that a value is of; undefined where it is no such value. */
export const revisionOfStatus = (value: string): bigint | undefined => {
  const [, revision] = /^(-?\d+)\|/.exec(value) ?? [];
  return revision === undefined ? undefined : BigInt(revision);
};

const statusValue = z.tuple([
  z.string(),
  z.enum(orderStatuses),
  userIdSchema,
  programIdSchema,
  z.enum(saleRefusalCodes).or(z.literal('')),
  z.string().regex(/^\d{0,16}$/),
  orderNumberSchema.or(z.literal('')),
]);

/** Undefined for what another release has written. */
export const parseStatus = (value: string): OrderStatusFound | undefined => {
  const parsed = statusValue.safeParse(value.split('|'));
  if (!parsed.success) return undefined;
  const [, status, buyer, programId, refusal, deadlineMs, of] = parsed.data;
  return {
    status,
    buyer,
    programId,
    ...(refusal !== '' && { refusal }),
    ...(deadlineMs !== '' && { deadlineMs: Number(deadlineMs) }),
    ...(of !== '' && { of }),
  };
};
