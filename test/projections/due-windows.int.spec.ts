/** Which programs are to be opened or closed, on a real database. */
import { beforeAll, expect, it } from 'vitest';
import { type ProgramEvent, programStream } from '../../src/domain/program/index.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { dueSaleWindows } from '../../src/projections/programs/index.ts';
import { closesAtMs, details, offer, opensAtMs, publishedAtMs } from '../domain/program/fixtures.ts';
import { applyInBatches, inLog, useDatabase } from './read-models.ts';

const database = useDatabase();

const idOf = (id: string) => programIdSchema.parse(id);
const story = (
  id: string,
  shiftMs: number,
  ...later: ('SaleOpened' | 'SaleClosed' | 'ProgramCancelled')[]
) => {
  const programId = idOf(id);
  const events: ProgramEvent[] = [
    { type: 'ProgramPublished', data: { programId, details, offer, publishedAtMs } },
    {
      type: 'SaleScheduled',
      data: { programId, opensAtMs: opensAtMs + shiftMs, closesAtMs: closesAtMs + shiftMs },
    },
  ];
  const ends = {
    SaleOpened: { type: 'SaleOpened', data: { programId, openedAtMs: opensAtMs } },
    SaleClosed: { type: 'SaleClosed', data: { programId, closedAtMs: closesAtMs, reason: 'schedule' } },
    ProgramCancelled: { type: 'ProgramCancelled', data: { programId, cancelledAtMs: 1, reason: 'storm' } },
  } as const;
  events.push(...later.map((type) => ends[type]));
  return events.map((event) => ({ stream: programStream(programId), event }));
};

beforeAll(async () => {
  const unscheduled = story('unscheduled', 0).slice(0, 1);
  const events = [
    ...story('scheduled', 0),
    ...story('earlier', -1_000),
    ...story('open', 2_000, 'SaleOpened'),
    ...story('closed', 0, 'SaleOpened', 'SaleClosed'),
    ...story('cancelled', 0, 'ProgramCancelled'),
    ...unscheduled,
  ];
  await applyInBatches(database.db, [inLog(events)]);
});

const due = async (nowMs: number, limit = 10) =>
  (await dueSaleWindows(database.db, nowMs, limit)).map((window) => `${window.programId} ${window.due}`);

it('opens a program from the first millisecond of its hours on, until it is open', async () => {
  expect(await due(opensAtMs - 1_001)).toEqual([]);
  expect(await due(opensAtMs - 1_000)).toEqual(['earlier opens']);
  expect(await due(opensAtMs)).toEqual(['earlier opens', 'scheduled opens']);
});

it('closes a program at the end of its hours, also one that nobody opened', async () => {
  expect(await due(closesAtMs)).toEqual(['earlier closes', 'scheduled closes']);
  expect(await due(closesAtMs + 2_000)).toEqual(['earlier closes', 'scheduled closes', 'open closes']);
});

it('names the longest overdue first, and so many at most', async () => {
  expect(await due(closesAtMs + 2_000, 1)).toEqual(['earlier closes']);
});
