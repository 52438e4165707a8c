/** A rebuild of order statuses that is interrupted while it reads the log, and the next one, which goes on from there. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OrderNumber } from '../../../src/domain/shared/ids.ts';
import { nextOrderNumber, startGenerator } from '../../../src/domain/shared/order-number.ts';
import { statusKeyOf } from '../../../src/live/order-statuses.ts';
import type { RedisRebuildDeps } from '../../../src/live/rebuild/index.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { ANN, idOf, placeOrder } from '../../domain/sale/fixtures.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { beginSale, options, rebuildables, shortly } from './support.ts';

const SALES = 30;
const TWO_DAYS_MS = 2 * 86_400_000;
const two = useTwoNodes();
const redis = useRedisServer();
/** When all that is in the log is too old to be asked for. */
const later = () => Date.now() + TWO_DAYS_MS;

beforeAll(async () => {
  for (let nth = 0; nth < SALES; nth += 1) {
    const sale = await beginSale(two.store);
    await sale.command(placeOrder({ orderNumber: idOf.order(1 + nth) }));
  }
});
beforeEach(() => redis.client.flushall());

const statuses = (change: Partial<RedisRebuildDeps> = {}) =>
  rebuildables(redis, two.store, { pageMaxEvents: 2, nowMs: later, ...change }).orderStatuses;

const interrupted = async (change: Partial<RedisRebuildDeps> = {}): Promise<void> => {
  const stopping = new AbortController();
  const onProgress = ({ events }: { readonly events: number }): void => {
    if (events > SALES) stopping.abort(new Error('Ctrl-C'));
  };
  const rebuild = statuses(change).rebuild(options({ signal: stopping.signal, onProgress }));
  await expect(rebuild).rejects.toThrow('Ctrl-C');
};

/** As a node makes it, of so late. */
const numberAt = (ms: number): OrderNumber => {
  const generator = startGenerator({ workerId: 1, fromMs: ms - 1, untilMs: ms + 1_000 });
  const made = nextOrderNumber(generator, ANN, ms);
  if (made.kind === 'refused') throw new Error(made.code);
  return made.number;
};

describe('a rebuild of order statuses that was interrupted', () => {
  it('goes on from what it has read, counts every event once, and judges as one that was not', async () => {
    await interrupted();
    const invented = statusKeyOf(numberAt(later()));
    await redis.client.set(invented, 'nonsense');
    const seen: number[] = [];
    const { certificate, differences } = await statuses().rebuild(
      options({ onProgress: ({ events }) => seen.push(events) }),
    );
    expect(Math.min(...seen)).toBeGreaterThan(SALES / 4);
    expect(certificate.continuity.resumedAfter).toHaveLength(1);
    expect(shortly(differences)).toMatchObject({ count: 1, first: [{ live: 'nonsense', expected: null }] });
    const verified = await statuses().verify(options());
    expect(verified.certificate.continuity.resumedAfter).toEqual([]);
    expect(certificate.events).toEqual(verified.certificate.events);
    expect(certificate.digest).toBe(verified.certificate.digest);
    expect((await statuses().rebuild(options())).certificate.continuity.resumedAfter).toEqual([]);
  });

  it('reads again what is about orders that are asked for', async () => {
    await interrupted({ nowMs: Date.now });
    const recent = await statuses({ nowMs: Date.now }).rebuild(options());
    expect(recent.certificate.continuity.resumedAfter).toEqual([]);
    expect(recent.differences.count).toBe(SALES);
    await redis.client.flushall();
    await interrupted();
    // Of an order that Redis knows by now, though its events are where it has read already.
    await redis.client.set(statusKeyOf(idOf.order(1)), 'nonsense');
    const old = await statuses().rebuild(options());
    expect(old.certificate.continuity.resumedAfter).toEqual([]);
    expect(shortly(old.differences).first).toMatchObject([{ expected: { status: 'awaiting_payment' } }]);
  });

  it('is begun anew by other code', async () => {
    await interrupted();
    const { certificate } = await statuses({ release: 'another' }).rebuild(options());
    expect(certificate.continuity.resumedAfter).toEqual([]);
  });
});
