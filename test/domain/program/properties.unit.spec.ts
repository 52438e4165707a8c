import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ProgramCommand, programDecider, programEventSpecs } from '../../../src/domain/program/index.ts';
import type { DispatchSplit } from '../../../src/domain/shared/dispatch-mode.ts';
import { play } from '../../support/play.ts';
import { closesAtMs, details, offer, opensAtMs, programId, publishedAtMs, showsAtMs } from './fixtures.ts';

const times = [publishedAtMs, opensAtMs - 1, opensAtMs, closesAtMs - 1, closesAtMs, showsAtMs, showsAtMs + 1];
const time = fc.constantFrom(...times);
const common = { programId: fc.constant(programId), nowMs: time };
const catalogue = {
  details: time.map((ms) => ({ ...details, showsAtMs: ms })),
  offer: fc.constantFrom(offer, { ...offer, layoutRef: 'another' }),
};
const type = <T extends string>(name: T) => fc.constant(name);

const anyCommand: fc.Arbitrary<ProgramCommand> = fc.oneof(
  fc.record({ type: type('PublishProgram'), ...common, ...catalogue }),
  fc.record({ type: type('ReviseProgram'), ...common, ...catalogue }),
  fc.record({ type: type('ScheduleSale'), ...common, opensAtMs: time, closesAtMs: time }),
  fc.record({ type: type('OpenSale'), ...common }),
  fc.record({
    type: type('CloseSale'),
    ...common,
    reason: fc.constantFrom('schedule' as const, 'sold_out' as const, 'operator' as const),
  }),
  fc.record({ type: type('CancelProgram'), ...common, reason: fc.constant('storm') }),
  fc.record({
    type: type('ChangeDispatchMode'),
    ...common,
    split: fc.constantFrom<DispatchSplit | null>(null, [{ mode: 'v4', weight: 1 }]),
  }),
);

/** A usual life, as far as it goes, and then anything: most random lives would end before they begin. */
const usualLife: readonly ProgramCommand[] = [
  { type: 'PublishProgram', programId, details, offer, nowMs: publishedAtMs },
  { type: 'ScheduleSale', programId, opensAtMs, closesAtMs, nowMs: publishedAtMs },
  { type: 'OpenSale', programId, nowMs: opensAtMs },
  { type: 'CloseSale', programId, nowMs: closesAtMs, reason: 'schedule' },
];
const anyCommands = fc
  .tuple(fc.integer({ min: 0, max: usualLife.length }), fc.array(anyCommand, { maxLength: 40 }))
  .map(([length, rest]) => [...usualLife.slice(0, length), ...rest]);

const played = (commands: readonly ProgramCommand[]) => play(programDecider, programEventSpecs, commands);

describe('any commands in any order', () => {
  test('keep what every aggregate promises, and tell one story', () => {
    fc.assert(
      fc.property(anyCommands, (commands) => {
        const story = played(commands)
          .history.map((event) => event.type)
          .filter((name) => name !== 'DispatchModeChanged' && name !== 'ProgramRevised')
          .join(' ');
        expect(story).toMatch(
          /^(ProgramPublished( SaleScheduled)*( SaleOpened)?( SaleClosed)?( ProgramCancelled)?)?$/,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('never have a sale that outlasts the show, or whose offer changed after it was scheduled', () => {
    fc.assert(
      fc.property(anyCommands, (commands) => {
        const { history, state } = played(commands);
        if (state.kind === 'unpublished') return;
        if (state.sale === 'scheduled' || state.sale === 'open') {
          expect(state.window?.closesAtMs).toBeLessThanOrEqual(state.details.showsAtMs);
        }
        const from = history.findIndex((event) => event.type === 'SaleScheduled');
        if (from === -1) return;
        const before = history.slice(0, from).reduce(programDecider.evolve, programDecider.initial());
        expect(before).toMatchObject({ offer: state.offer });
      }),
      { numRuns: 500 },
    );
  });
});
