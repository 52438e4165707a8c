/** A rebuild of the gate that is interrupted while it reads the log, and the next one, which goes on from there. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { EventStore } from '../../../src/eventstore/index.ts';
import type { RedisRebuildDeps } from '../../../src/live/rebuild/index.ts';
import { placeOrder } from '../../domain/sale/fixtures.ts';
import { openForTest } from '../../eventstore/support.ts';
import { startChild } from '../../support/child.ts';
import { startDevstore } from '../../support/devstore-process.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { until } from '../../support/until.ts';
import { beginSale, type CommandedSale, keyIn, options, rebuildables, shortly } from './support.ts';

const redis = useRedisServer();
const SALES = 30;
const EVENTS = 2 * SALES;
/** The event before it, and one more: a log of a few dozen events has as many pages. */
const SMALL = { pageMaxEvents: 2 } as const;

let store: EventStore;
let url = '';
let sales: CommandedSale[] = [];

const beginLog = async (salesInIt = SALES): Promise<void> => {
  const devstore = await startDevstore();
  onTestFinished(() => devstore.close());
  url = devstore.url;
  store = openForTest(url);
  sales = [];
  for (let nth = 0; nth < salesInIt; nth += 1) {
    const sale = await beginSale(store);
    await sale.command(placeOrder());
    sales.push(sale);
  }
};

beforeEach(async () => {
  await redis.client.flushall();
  await beginLog();
});

const gate = (change: Partial<RedisRebuildDeps> = {}) =>
  rebuildables(redis, store, { ...SMALL, ...change }).gate;

/** Ends in the middle of the log. */
const interrupted = async (): Promise<void> => {
  const stopping = new AbortController();
  const onProgress = ({ events }: { readonly events: number }): void => {
    if (events > EVENTS / 2) stopping.abort(new Error('Ctrl-C'));
  };
  const rebuild = gate().rebuild(options({ signal: stopping.signal, onProgress }));
  await expect(rebuild).rejects.toThrow('Ctrl-C');
};

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describe('a rebuild of the gate that was interrupted', () => {
  it('goes on where it was, counts every event once, and ends as one that was not', async () => {
    await gate().rebuild(options());
    await interrupted();
    const [first] = sales;
    if (first === undefined) throw new Error('There are no sales.');
    await redis.client.hincrby(keyIn(first.programId, 'stock'), '0:0', 1);
    const seen: number[] = [];
    const { outcome, certificate, differences } = await gate().rebuild(
      options({ onProgress: ({ events }) => seen.push(events) }),
    );
    expect(outcome).toBe('swapped');
    expect(shortly(differences)).toMatchObject({
      count: 1,
      first: [{ key: expect.stringContaining(first.programId) }],
    });
    expect(Math.min(...seen)).toBeGreaterThan(EVENTS / 4);
    const { resumedAfter, revisionsSince } = certificate.continuity;
    expect(resumedAfter).toEqual([revisionsSince]);
    expect(certificate.events.applied).toEqual({ SaleStarted: SALES, OrderPlaced: SALES });
    const verified = await gate().verify(options());
    expect(verified.differences.count).toBe(0);
    expect(verified.certificate.continuity.resumedAfter).toEqual([]);
    expect(certificate.digest).toBe(verified.certificate.digest);
    expect(total(certificate.events.ignored)).toBe(total(verified.certificate.events.ignored));
  });

  it('is gone on with once: the one after that reads the log from its start', async () => {
    await interrupted();
    expect((await gate().rebuild(options())).certificate.continuity.resumedAfter).toHaveLength(1);
    expect((await gate().rebuild(options())).certificate.continuity.resumedAfter).toEqual([]);
  });

  it('is begun anew by other code, and where what it had kept cannot be read', async () => {
    await interrupted();
    const { certificate } = await gate({ release: 'another' }).rebuild(options());
    expect(certificate.continuity.resumedAfter).toEqual([]);
    await interrupted();
    await redis.client.set('seatlog:rebuild:gate:read', '{"version":');
    expect((await gate().rebuild(options())).certificate.continuity.resumedAfter).toEqual([]);
  });

  it('is refused where the log was replaced meanwhile, and then begins anew', async () => {
    await interrupted();
    await store.close();
    const fewer = SALES / 5;
    await beginLog(fewer);
    await expect(gate().rebuild(options())).rejects.toMatchObject({ code: 'log_has_a_gap' });
    const { outcome, certificate } = await gate().rebuild(options());
    expect(outcome).toBe('swapped');
    expect(certificate.events.applied).toEqual({ SaleStarted: fewer, OrderPlaced: fewer });
  });

  it('goes on after kill -9, again and again', async () => {
    for (let kill = 0; kill < 3; kill += 1) {
      const child = startChild('redis-rebuild-process', [url, redis.url, String(SMALL.pageMaxEvents)]);
      await until(
        'it has kept some of it',
        async () => (await redis.client.exists('seatlog:rebuild:gate:read')) > 0,
      );
      const kept = await redis.client.get('seatlog:rebuild:gate:read');
      await until('it goes on', async () => {
        const now = await redis.client.get('seatlog:rebuild:gate:read');
        return now !== kept || child.lines.includes('swapped');
      });
      await child.end('SIGKILL');
    }
    const { outcome } = await gate().rebuild(options());
    expect(outcome).toBe('swapped');
    expect((await gate().verify(options())).differences.count).toBe(0);
  });
});
