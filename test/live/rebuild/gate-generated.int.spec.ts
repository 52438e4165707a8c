/** Whatever a sale goes through, counters that are built anew equal those that were settled event by event. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saleDecider } from '../../../src/domain/sale/index.ts';
import type { ProgramId } from '../../../src/domain/shared/ids.ts';
import { useTwoNodes } from '../../commands/dispatch/node.ts';
import { commandsOf, someTerms, steps } from '../../domain/sale/arbitraries.ts';
import { createModel, follow, knownTo } from '../../domain/sale/model.ts';
import { printedRandom } from '../../support/random.ts';
import { useRedisServer } from '../../support/redis-server.ts';
import {
  beginSale,
  keyIn,
  options,
  patientGate,
  rebuildables,
  shortly,
  startProjector,
  untilSettled,
} from './support.ts';

const two = useTwoNodes();
const redis = useRedisServer();
const { seed } = printedRandom();
const RUNS = 15;

const saidOf = async (programId: ProgramId) => ({
  counters: await patientGate(redis).counters(programId),
  buyers: await redis.client.hgetall(keyIn(programId, 'buyers')),
  seats: await redis.client.getBuffer(keyIn(programId, 'seats')),
  limit: await redis.client.hget(keyIn(programId, 'stock'), 'limit'),
});

describe('counters that are built anew', () => {
  it('equal those that were settled, and mend whatever key somebody changed or lost', async () => {
    await startProjector(redis, two.store);
    const { gate } = rebuildables(redis, two.store);
    const tale = fc.record({ terms: someTerms, story: steps(30), which: fc.nat(3) });
    const property = fc.asyncProperty(tale, async ({ terms, story, which }) => {
      const sale = await beginSale(two.store, terms);
      const model = createModel({ ...terms, programId: sale.programId });
      for (const command of commandsOf(story, () => knownTo(model))) {
        const { events } = saleDecider.decide(command, sale.state);
        await sale.happen(events);
        for (const event of events) follow(model, event);
      }
      await untilSettled(redis, sale);
      expect(shortly((await gate.verify(options())).differences)).toEqual({ count: 0, first: [] });
      const settled = await saidOf(sale.programId);
      await damage(sale.programId, which);
      await gate.rebuild(options());
      expect(await saidOf(sale.programId)).toEqual(settled);
    });
    await fc.assert(property, { seed, numRuns: RUNS, endOnFailure: true });
  });
});

/** The projector may notice some of it by itself; the outcome is the same. */
async function damage(programId: ProgramId, which: number): Promise<void> {
  const kinds = [
    () => redis.client.hincrby(keyIn(programId, 'stock'), '0:0', 1),
    () => redis.client.hset(keyIn(programId, 'buyers'), 'ffffffff00000000', 2),
    () => redis.client.setbit(keyIn(programId, 'seats'), 1, 1),
    () => redis.client.hset(keyIn(programId, 'stock'), 'limit', 1_000),
  ];
  await kinds[which]?.();
}
