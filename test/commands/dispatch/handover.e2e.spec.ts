/** Two processes share the lanes of the queue; one of them is killed in the middle, and every order is decided once. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { dispatchV4 } from '../../../src/commands/dispatch/v4.ts';
import type { ProgramId } from '../../../src/domain/shared/ids.ts';
import { useDatabase } from '../../projections/read-models.ts';
import { type Child, startChild } from '../../support/child.ts';
import { until } from '../../support/until.ts';
import { causedBy, newBuyers, orderRequest, saleEventsOf, startSale, useTwoNodes } from './node.ts';

const database = useDatabase();
const two = useTwoNodes();
const TTL_MS = 2_000;
const PROGRAMS = 8;
const BUYERS = 60;

const startSequencer = (holder: string): Child =>
  startChild('sequencer-process', [database.postgresUrl, two.devstore.url, holder, String(TTL_MS)]);

const lanesOf = (child: Child): number =>
  new Set(child.lines.filter((line) => line.startsWith('follows'))).size;

const decidedBy = (child: Child): number =>
  child.lines.filter((line) => line.endsWith('order_placed')).length;

async function answered(programId: ProgramId): Promise<string[]> {
  const events = await saleEventsOf(two.store, programId);
  return events.flatMap((event) => (event.type === 'OrderPlaced' ? [event.data.orderNumber] : []));
}

it('a sequencer that is killed is followed by another, which decides what it left, and nothing twice', async () => {
  const programs = await Promise.all(
    Array.from({ length: PROGRAMS }, () =>
      startSale(two.nodes[0], `hall-${randomUUID()}`, 12, { perOrder: 4, perBuyer: 4 }),
    ),
  );
  const killed = startSequencer('killed');
  await until('one follows all lanes', () => lanesOf(killed) === 16);
  const survivor = startSequencer('survivor');
  await until('the other one follows its half', () => lanesOf(survivor) === 8);

  const buyers = await newBuyers(two.nodes[0], BUYERS);
  const selling = Promise.all(
    programs.flatMap((programId) =>
      buyers.map((buyer) =>
        dispatchV4(two.nodes[0].deps, orderRequest(programId, buyer, 1, 'one'), causedBy(buyer)),
      ),
    ),
  );
  await until('both are deciding', () => decidedBy(killed) > 0 && decidedBy(survivor) > 0);
  await killed.end('SIGKILL');
  const queued = (await selling).flatMap((answer) =>
    answer.kind === 'order_queued' ? [answer.orderNumber] : [],
  );
  expect(queued).toHaveLength(PROGRAMS * BUYERS);
  await until('the survivor follows all lanes', () => lanesOf(survivor) === 16);
  await until('every order is decided', async () => {
    const answers = await Promise.all(programs.map(answered));
    return answers.flat().length >= queued.length;
  });
  const answers = (await Promise.all(programs.map(answered))).flat();
  expect(answers.sort()).toEqual(queued.sort());
});
