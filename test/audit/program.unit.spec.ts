/** A program found in each way there is, held against every event of the log looked at in its order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Found } from '../../src/audit/answers.ts';
import type { AuditLog } from '../../src/audit/log.ts';
import type { Moment } from '../../src/audit/moment.ts';
import { auditProgram, type ProgramAnswer, type ProgramQuestion } from '../../src/audit/program.ts';
import type { IndexedOrder, ProgramIndex } from '../../src/audit/program-index.ts';
import type { OrderNumber } from '../../src/domain/shared/ids.ts';
import { createAuditLog } from '../../src/engine/audit-log.ts';
import type { StoredEvent } from '../../src/eventstore/index.ts';
import { printedRandom } from '../support/random.ts';
import { PROGRAMS, readingOf, someLog } from './programs-in-log.ts';
import { programFromWholeLog } from './whole-log-program.ts';

const { seed } = printedRandom();
/** A log that differs is long however it is shrunk, and shrinking it takes minutes. */
const CASES = { seed, numRuns: 40, endOnFailure: true };
const MAX_STEPS = 60;
const TIMEOUT_MS = 60_000;
/** So small that every reading is cut somewhere. */
const PAGES = { firstEvents: 3, maxEvents: 24 };
const WAYS = ['log', 'streams', 'index'] as const;

const logOf = (stored: readonly StoredEvent[]): AuditLog => createAuditLog(readingOf(stored), PAGES);

type Data = { readonly programId?: unknown; readonly orderNumber?: OrderNumber };
const dataOf = ({ data }: StoredEvent): Data => data as Data;

/** As the read model has it, when it has come to `indexedTo`. */
const indexOf = (stored: readonly StoredEvent[], indexedTo: bigint): ProgramIndex => ({
  upTo: async () => indexedTo,
  totalsOf: async (orders, upTo, until) => {
    const wanted = new Set(orders);
    const totals = new Map<OrderNumber, IndexedOrder>();
    for (const event of stored) {
      const { orderNumber } = dataOf(event);
      const { position, revision } = event;
      if (orderNumber === undefined || !wanted.has(orderNumber) || position > indexedTo) continue;
      const known = totals.get(orderNumber) ?? { events: 0, positions: 0n, revisions: 0n, goesOn: false };
      totals.set(orderNumber, {
        events: known.events + (position <= upTo ? 1 : 0),
        positions: known.positions + (position <= upTo ? position : 0n),
        revisions: known.revisions + (position <= upTo ? revision : 0n),
        goesOn: known.goesOn || (position > upTo && position <= until),
      });
    }
    return totals;
  },
});

const momentAt = ({ position, recordedAtMs }: StoredEvent, how: number): Moment | undefined => {
  if (how === 0) return undefined;
  return how % 2 === 0
    ? { asked: `position:${position}`, atMs: null, position }
    : { asked: String(recordedAtMs), atMs: recordedAtMs, position: null };
};

const moments = fc.array(fc.tuple(fc.nat(), fc.nat(4)), { minLength: 4, maxLength: 4 });

const eventAt = (stored: readonly StoredEvent[], nth: number): StoredEvent => {
  const event = stored[nth % stored.length];
  if (event === undefined) throw new Error('A log has events.');
  return event;
};

/** As if there were many events of others to each of these, so that none is read that need not be. */
const thinned = (log: AuditLog): AuditLog => ({
  ...log,
  end: async () => {
    const end = await log.end();
    return end && { ...end, spacing: 1e-6 };
  },
});

/** Before a sale has any event there is nothing that an index could help with. */
const asking = async (
  way: Found['by'],
  log: AuditLog,
  index: ProgramIndex,
  question: ProgramQuestion,
): Promise<ProgramAnswer> =>
  auditProgram(
    { log: thinned(log), index, choose: (ways) => ways.find(({ by }) => by === way) ?? ways[0] },
    question,
  );

const withoutWay = (answer: ProgramAnswer): string =>
  JSON.stringify(answer, (key, value: unknown) =>
    key === 'by' || key === 'indexProblems' ? undefined : value,
  );

const someStory = (): readonly StoredEvent[] => {
  const [stored] = fc.sample(someLog(MAX_STEPS), { seed, numRuns: 1 });
  if (stored === undefined) throw new Error('There is one.');
  return stored;
};

describe('A program', () => {
  it.each(WAYS)(
    'found by the %s is told as every event of the log tells it, at any moment',
    async (way) => {
      const property = fc.asyncProperty(
        someLog(MAX_STEPS),
        moments,
        fc.nat(),
        async (stored, asked, upTo) => {
          const log = logOf(stored);
          // Behind the log it has all of it, as it mostly does.
          const index = indexOf(stored, eventAt(stored, upTo).position * (upTo % 2 === 0 ? 1n : 1_000n));
          for (const programId of PROGRAMS) {
            for (const [nth, how] of asked) {
              const question = { programId, at: momentAt(eventAt(stored, nth), how) };
              const told = await asking(way, log, index, question);
              expect(withoutWay(told)).toBe(withoutWay(await programFromWholeLog(log, question)));
              if (told.kind === 'program')
                expect(told.audit.found).toMatchObject({ by: way, indexProblems: [] });
            }
          }
        },
      );
      await fc.assert(property, CASES);
    },
    TIMEOUT_MS,
  );

  it.each(WAYS)('found by the %s is told without what is written meanwhile', async (way) => {
    const property = fc.asyncProperty(someLog(MAX_STEPS), fc.nat(), async (stored, nth) => {
      const log = logOf(stored);
      const index = indexOf(stored, 2n ** 62n);
      const { position } = eventAt(stored, nth);
      const growing: AuditLog = { ...log, end: async () => ({ position, spacing: 1 }) };
      for (const programId of PROGRAMS) {
        const at: Moment = { asked: 'then', atMs: null, position };
        const [told, then] = [
          await asking(way, growing, index, { programId }),
          await asking(way, log, index, { programId, at }),
        ];
        if (told.kind !== 'program' || then.kind !== 'program') expect(told).toEqual(then);
        else expect(told.audit).toEqual({ ...then.audit, asOf: { ...then.audit.asOf, asked: null } });
      }
    });
    await fc.assert(property, { ...CASES, numRuns: 15 });
  });

  it('is told from the log where the index lacks an event of its sale, or has one too many', async () => {
    const property = fc.asyncProperty(
      someLog(MAX_STEPS),
      fc.nat(),
      fc.boolean(),
      async (stored, nth, isLacking) => {
        const log = logOf(stored);
        const sold = stored.filter((event) => event.stream.startsWith('Sale-') && dataOf(event).orderNumber);
        const [programId, odd] = [
          PROGRAMS.find((id) => sold[nth % sold.length]?.stream === `Sale-${id}`),
          sold[nth % sold.length],
        ];
        if (programId === undefined || odd === undefined) return;
        const rows = isLacking ? stored.filter((event) => event !== odd) : [...stored, odd];
        const told = await asking('index', log, indexOf(rows, 2n ** 62n), { programId });
        expect(withoutWay(told)).toBe(withoutWay(await programFromWholeLog(log, { programId })));
        const sentence = expect.stringContaining(`events of order ${dataOf(odd).orderNumber} `);
        expect(told).toMatchObject({ audit: { found: { by: 'log', indexProblems: [sentence] } } });
      },
    );
    await fc.assert(property, CASES);
  });

  it('is told from the log where the index stops answering', async () => {
    const [stored, [programId]] = [someStory(), PROGRAMS];
    if (programId === undefined) throw new Error('There are programs.');
    const index = { ...indexOf(stored, 2n ** 62n), totalsOf: async () => undefined };
    const told = await asking('index', logOf(stored), index, { programId });
    expect(withoutWay(told)).toBe(withoutWay(await programFromWholeLog(logOf(stored), { programId })));
    expect(told).toMatchObject({ audit: { found: { by: 'log', indexProblems: [expect.any(String)] } } });
  });

  it.each(WAYS)('found by the %s names those of its events that cannot be read', async (way) => {
    const damaged = someStory().map((event): StoredEvent => {
      const { programId } = dataOf(event);
      return event.stream.startsWith('Payment-') ? { ...event, data: { programId } } : event;
    });
    for (const programId of PROGRAMS) {
      const its = damaged.filter(
        (event) => event.stream.startsWith('Payment-') && dataOf(event).programId === programId,
      );
      const told = await asking(way, logOf(damaged), indexOf(damaged, 2n ** 62n), { programId });
      const unreadable = told.kind === 'program' ? told.audit.found.unreadable : [];
      expect(unreadable).toHaveLength(its.length);
      for (const { stream } of its) expect(unreadable.some((text) => text.includes(stream))).toBe(true);
    }
  });

  it('is found in the way that has the least to read', async () => {
    const [stored, [programId]] = [someStory(), PROGRAMS];
    if (programId === undefined) throw new Error('There are programs.');
    const foundBy = async (index: ProgramIndex | undefined, spacing: number): Promise<unknown> => {
      const log = logOf(stored);
      const end = async () => ({ position: stored.at(-1)?.position ?? 0n, spacing });
      const told = await auditProgram({ log: { ...log, end }, index }, { programId });
      return told.kind === 'program' && told.audit.found.by;
    };
    expect(await foundBy(undefined, 1_000)).toBe('log');
    // As if there were a million events of others to each of these.
    expect(await foundBy(undefined, 1e-6)).toBe('streams');
  });
});
