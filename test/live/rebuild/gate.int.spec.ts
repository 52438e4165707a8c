import { describe, expect, it } from 'vitest';
import { saleStream } from '../../../src/domain/sale/index.ts';
import { keyOfBuyer } from '../../../src/domain/sale/keys.ts';
import type { ProgramId } from '../../../src/domain/shared/ids.ts';
import type { StreamName } from '../../../src/eventstore/index.ts';
import { nameOf } from '../../../src/gate/keys.ts';
import { certificateSchema } from '../../../src/rebuild/certificate.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { ANN, BEN, holdSeats, placeOrder } from '../../domain/sale/fixtures.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import { beginSale, keyIn, options, rebuildables, shortly, startProjector, untilSettled } from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
const annsName = nameOf(keyOfBuyer(ANN));

/** Two orders of Ann, one of them paid, and seats that Ben holds; Redis has seen all of it, and nobody is settling. */
async function settledSale() {
  const sale = await beginSale(two.store);
  await sale.command(placeOrder());
  await sale.command(holdSeats({ buyer: BEN, want: { by: 'seats', seats: [5, 6] } }));
  const projector = await startProjector(redis, two.store);
  await untilSettled(redis, sale);
  await projector.stop();
  return sale;
}

const positionsIn = async (programId: ProgramId): Promise<bigint[]> => {
  const page = await two.store.readPage(saleStream(programId) as string as StreamName);
  return page.kind === 'events' ? page.events.map(({ position }) => position) : [];
};

describe('a verification of the gate', () => {
  it('finds nothing where nothing is wrong, and says of which events it can tell', async () => {
    await redis.client.flushall();
    const sale = await settledSale();
    const { gate } = rebuildables(redis, two.store);
    // Sales of other tests are in the log too.
    await gate.rebuild(options());
    const { differences, certificate } = await gate.verify(options());
    expect(shortly(differences)).toEqual({ count: 0, first: [] });
    expect(certificateSchema.parse(certificate)).toEqual(certificate);
    expect(certificate).toMatchObject({ projection: 'gate', store: 'redis', work: 'verify', differences: 0 });
    expect(certificate.events.applied['SaleStarted']).toBeGreaterThan(0);
    expect(certificate.parts.map(({ place }) => place)).toEqual(['limit', 'stock', 'buyers', 'seats']);
    expect((await redis.client.keys(keyIn(sale.programId, 'copy*'))).length).toBe(0);
    const again = await gate.verify(options());
    expect(again.certificate.digest).toBe(certificate.digest);
  });

  it('finds a counter, the places of a buyer, a seat and the limit that were changed by hand, and a rebuild mends them', async () => {
    await redis.client.flushall();
    const sale = await settledSale();
    const { programId } = sale;
    const { gate } = rebuildables(redis, two.store);
    await gate.rebuild(options());
    const [started = 0n, ordered = 0n, held = 0n] = await positionsIn(programId);
    await redis.client.hincrby(keyIn(programId, 'stock'), '0:0', 3);
    await redis.client.hset(keyIn(programId, 'stock'), 'limit', 99);
    await redis.client.hset(keyIn(programId, 'buyers'), annsName, 1);
    await redis.client.hset(keyIn(programId, 'buyers'), '00000000ffffffff', 4);
    await redis.client.bitfield(keyIn(programId, 'seats'), 'SET', 'u2', 6, 0);
    const { differences, certificate } = await gate.verify(options());
    expect(certificate.differences).toBe(5);
    expect(differences.first.filter(({ place }) => place !== 'buyers')).toEqual([
      { place: 'limit', key: programId, live: 99, expected: 6, positions: [started] },
      {
        place: 'stock',
        key: `${programId} stalls`,
        live: 12,
        expected: 9,
        positions: [started, ordered, held],
      },
      {
        ...{ place: 'seats', key: `${programId} seat 0 (Stalls, row A, seat 1)` },
        ...{ live: 'free', expected: 'held', positions: [started, ordered] },
      },
    ]);
    const buyers = differences.first.filter(({ place }) => place === 'buyers');
    expect(new Set(buyers)).toEqual(
      new Set([
        { place: 'buyers', key: `${programId} ${annsName}`, live: 1, expected: 2, positions: [ordered] },
        { place: 'buyers', key: `${programId} 00000000ffffffff`, live: 4, expected: null, positions: [] },
      ]),
    );
    const asked: number[] = [];
    const rebuilt = await gate.rebuild(options({ accept: async ({ count }) => asked.push(count) > 0 }));
    expect(rebuilt.outcome).toBe('swapped');
    expect(asked).toEqual([5]);
    expect(rebuilt.swapMs).toBeLessThan(1_000);
    expect(shortly((await gate.verify(options())).differences)).toEqual({ count: 0, first: [] });
  });
});
