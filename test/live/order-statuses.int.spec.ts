/** The status of an order in Redis: what is newer stays, whoever comes last. */
import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type OrderNumber,
  orderNumberSchema,
  programIdSchema,
  userIdSchema,
} from '../../src/domain/shared/ids.ts';
import { createOrderStatuses } from '../../src/live/order-statuses.ts';
import { useRedisServer } from '../support/redis-server.ts';
import { testStatuses } from './support.ts';

const redis = useRedisServer({ cluster: true });
const programId = programIdSchema.parse('swan-lake');
const buyer = userIdSchema.parse('ann');
const DEADLINE_MS = 1_900_000_000_000;
const newOrder = (): OrderNumber => orderNumberSchema.parse(String(1 + randomInt(2 ** 40)));
const queued = (orderNumber: OrderNumber) => ({ orderNumber, buyer, programId, deadlineMs: DEADLINE_MS });
const placed = (orderNumber: OrderNumber, revision: bigint) =>
  ({ ...queued(orderNumber), revision, status: 'awaiting_payment' }) as const;
const paid = (orderNumber: OrderNumber, revision: bigint) =>
  ({ orderNumber, programId, revision, status: 'paid' }) as const;

describe('the status of an order', () => {
  it('is unknown before anybody has written it', async () => {
    expect(await testStatuses(redis).statuses.read(newOrder())).toBeUndefined();
  });

  it('goes from the queue to its end, and keeps its buyer', async () => {
    const { statuses } = testStatuses(redis);
    const order = newOrder();
    await statuses.markQueued(queued(order));
    const common = { buyer, programId };
    expect(await statuses.read(order)).toEqual({ ...common, status: 'queued', deadlineMs: DEADLINE_MS });
    await statuses.write([placed(order, 4n)]);
    expect(await statuses.read(order)).toEqual({
      ...{ ...common, status: 'awaiting_payment', deadlineMs: DEADLINE_MS },
    });
    await statuses.write([paid(order, 9n)]);
    expect(await statuses.read(order)).toEqual({ ...common, status: 'paid' });
  });

  it('is never replaced by an older one, by one that comes again, or by the queue', async () => {
    const { statuses } = testStatuses(redis);
    const order = newOrder();
    await statuses.write([placed(order, 4n)]);
    await statuses.write([paid(order, 10n)]);
    await statuses.write([placed(order, 4n)]);
    await statuses.write([{ ...paid(order, 9n), status: 'cancelled' }]);
    await statuses.write([{ ...paid(order, 10n), status: 'cancelled' }]);
    await statuses.markQueued(queued(order));
    expect(await statuses.read(order)).toMatchObject({ status: 'paid' });
  });

  it('says why it was rejected, and which order a repeated request has', async () => {
    const { statuses } = testStatuses(redis);
    const [rejected, repeated, first] = [newOrder(), newOrder(), newOrder()];
    await statuses.write([
      { ...paid(rejected, 3n), buyer, status: 'rejected', refusal: 'sold_out' },
      { ...paid(repeated, 4n), buyer, status: 'repeated', of: first },
    ]);
    expect(await statuses.read(rejected)).toEqual({
      ...{ status: 'rejected', buyer, programId, refusal: 'sold_out' },
    });
    expect(await statuses.read(repeated)).toEqual({ status: 'repeated', buyer, programId, of: first });
  });

  it('is not written for an order whose buyer nobody has named: the read models know', async () => {
    const { statuses } = testStatuses(redis);
    const order = newOrder();
    await statuses.write([paid(order, 9n)]);
    expect(await statuses.read(order)).toBeUndefined();
  });

  it('is forgotten after its time', async () => {
    const onTrouble = (): void => undefined;
    const order = newOrder();
    const statuses = createOrderStatuses({ client: redis.client, onTrouble, ttlMs: 3_600_000 });
    await statuses.markQueued(queued(order));
    const left = await redis.client.pttl(`seatlog:order:{${order}}`);
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
  });

  it('is unknown where Redis has something else, and while Redis is away', async () => {
    const { statuses, troubles } = testStatuses(redis);
    const order = newOrder();
    await redis.client.set(`seatlog:order:{${order}}`, '7|teleported|ann|swan-lake|||');
    expect(await statuses.read(order)).toBeUndefined();
    expect(troubles).toEqual([]);
    await redis.stop();
    try {
      expect(await statuses.read(order)).toBeUndefined();
      await statuses.markQueued(queued(order));
      await expect(statuses.write([placed(order, 1n)])).rejects.toThrow();
      expect(troubles.length).toBeGreaterThan(0);
    } finally {
      await redis.start();
    }
  });
});
