/** The demo programs on a real log, as a first and a second start meet them. */
import { describe, expect, it } from 'vitest';
import { publishProgram } from '../../src/commands/publish-program.ts';
import { scheduleSale } from '../../src/commands/schedule-sale.ts';
import { DEMO_PROGRAMS, publishDemoPrograms } from '../../src/demo/programs.ts';
import { programStream } from '../../src/domain/program/index.ts';
import { capacityOf, createSeatNames, saleStream } from '../../src/domain/sale/index.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { because, DAY_MS, eventsIn, typesIn, useSellingNodes } from '../support/selling.ts';

const nodes = useSellingNodes();
const NOW_MS = Date.now();
const ids = DEMO_PROGRAMS.map(({ id }) => programIdSchema.parse(id));

describe('the demo hall', () => {
  it('has 10,000 seats to sell, some of them accessible, and others that are blocked', () => {
    const hall = DEMO_PROGRAMS[0]?.make(NOW_MS).plan.layout ?? [];
    expect(hall.reduce((sum, category) => sum + capacityOf(category), 0)).toBe(10_000);
    const names = createSeatNames(hall);
    const kinds = hall.flatMap(({ id }) => [...names.seatsOf(id)].map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(['ordinary', 'accessible', 'blocked']));
  });
});

describe('the demo programs', () => {
  it('are completed where a first start was interrupted', async () => {
    const [demo] = DEMO_PROGRAMS;
    const [programId] = ids;
    if (demo === undefined || programId === undefined) throw new Error('There are four.');
    await publishProgram(
      nodes.node.deps,
      { programId, ...demo.make(NOW_MS + 60 * DAY_MS) },
      because('first'),
    );
    const outcomes = await publishDemoPrograms(nodes.node.deps, NOW_MS);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['scheduled', ...Array(3).fill('published')]);
    for (const id of ids) {
      const [started] = await eventsIn(nodes.store, saleStream(id));
      expect(started?.data).toMatchObject({ opensAtMs: NOW_MS, closesAtMs: NOW_MS + 60 * DAY_MS });
    }
  });

  it('are left as they are by another start, later, on two nodes at once', async () => {
    const before = await Promise.all(ids.map((id) => typesIn(nodes.store, programStream(id))));
    const later = NOW_MS + DAY_MS;
    const starts = await Promise.all([
      publishDemoPrograms(nodes.node.deps, later),
      publishDemoPrograms(nodes.other.deps, later + 1),
    ]);
    const outcomes = starts.flat().map(({ outcome }) => outcome);
    expect(new Set(outcomes)).toEqual(new Set(['there_already']));
    expect(await Promise.all(ids.map((id) => typesIn(nodes.store, programStream(id))))).toEqual(before);
  });

  it('are left alone where an operator has changed them', async () => {
    const [programId] = ids;
    if (programId === undefined) throw new Error('There are four.');
    const window = { opensAtMs: NOW_MS, closesAtMs: NOW_MS + DAY_MS };
    await scheduleSale(nodes.node.deps, { programId, window }, because('operator'));
    await publishDemoPrograms(nodes.node.deps, NOW_MS);
    const [, ...later] = await eventsIn(nodes.store, saleStream(programId));
    expect(later).toEqual([{ type: 'SaleRescheduled', data: window }]);
  });
});
