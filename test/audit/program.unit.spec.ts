/** A program told from its own streams, held against every event of the log looked at in its order. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditLog } from '../../src/audit/log.ts';
import type { Moment } from '../../src/audit/moment.ts';
import { auditProgram } from '../../src/audit/program.ts';
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

/** Where the log is said to be long between its events, streams are less to read; where it is short, the log is. */
const LONG = 1e-9;
const WAYS = { 'in its streams': LONG, 'in the log of all': 1e9 };

const logOf = (stored: readonly StoredEvent[]): AuditLog => createAuditLog(readingOf(stored), PAGES);

const saidToBe = (log: AuditLog, spacing: number): AuditLog => ({
  ...log,
  end: async () => {
    const end = await log.end();
    return end && { ...end, spacing };
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

describe('A program', () => {
  it.each(Object.entries(WAYS))(
    'found %s is told as every event of the log tells it, at any moment',
    async (_, spacing) => {
      const property = fc.asyncProperty(someLog(MAX_STEPS), moments, async (stored, asked) => {
        const log = logOf(stored);
        for (const programId of PROGRAMS) {
          for (const [nth, how] of asked) {
            const question = { programId, at: momentAt(eventAt(stored, nth), how) };
            const told = await auditProgram({ log: saidToBe(log, spacing) }, question);
            expect(JSON.stringify(told)).toBe(JSON.stringify(await programFromWholeLog(log, question)));
          }
        }
      });
      await fc.assert(property, CASES);
    },
    TIMEOUT_MS,
  );

  it.each(Object.entries(WAYS))('found %s is told without what is written meanwhile', async (_, spacing) => {
    const property = fc.asyncProperty(someLog(MAX_STEPS), fc.nat(), async (stored, nth) => {
      const log = saidToBe(logOf(stored), spacing);
      const { position } = eventAt(stored, nth);
      const growing = { ...log, end: async () => ({ position, spacing }) };
      for (const programId of PROGRAMS) {
        const at: Moment = { asked: 'then', atMs: null, position };
        const [told, then] = [
          await auditProgram({ log: growing }, { programId }),
          await auditProgram({ log }, { programId, at }),
        ];
        if (told.kind !== 'program' || then.kind !== 'program') expect(told).toEqual(then);
        else expect(told.audit).toEqual({ ...then.audit, asOf: { ...then.audit.asOf, asked: null } });
      }
    });
    await fc.assert(property, { ...CASES, numRuns: 15 });
  });

  it.each(Object.entries(WAYS))(
    'found %s names those of its events that cannot be read',
    async (_, spacing) => {
      const [stored = []] = fc.sample(someLog(MAX_STEPS), { seed, numRuns: 1 });
      const damaged = stored.map((event): StoredEvent => {
        const { programId } = event.data as { readonly programId?: unknown };
        return event.stream.startsWith('Payment-') ? { ...event, data: { programId } } : event;
      });
      for (const programId of PROGRAMS) {
        const mine = damaged.filter(({ stream, data }) => {
          const isOfPayment = stream.startsWith('Payment-');
          return isOfPayment && (data as { readonly programId?: unknown }).programId === programId;
        });
        const told = await auditProgram({ log: saidToBe(logOf(damaged), spacing) }, { programId });
        const unreadable = told.kind === 'program' ? told.audit.unreadable : [];
        expect(unreadable).toHaveLength(mine.length);
        for (const { stream, revision } of mine) {
          expect(
            unreadable.some((sentence) => sentence.includes(stream) && sentence.includes(`${revision}`)),
          ).toBe(true);
        }
      }
    },
  );

  it('is read from its own streams where the log is mostly of others', async () => {
    const [stored = []] = fc.sample(someLog(MAX_STEPS), { seed, numRuns: 1 });
    const [programId] = PROGRAMS;
    if (programId === undefined) throw new Error('There are programs.');
    const log = saidToBe(logOf(stored), LONG);
    const told = await auditProgram(
      {
        log: {
          ...log,
          all: () => {
            throw new Error('This reads the log of all.');
          },
        },
      },
      { programId },
    );
    expect(told.kind).toBe('program');
  });
});
