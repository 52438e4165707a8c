/**
 * Lets a decider's test read as a sentence: given these events, when this command, then this outcome and
 * these events.
 */
import { expect } from 'vitest';
import type { Decider, Decision } from '../../src/domain/shared/decider.ts';

type Then<Event, Outcome> = {
  /** Without `events`, nothing must have happened. */
  readonly then: (outcome: Outcome, events?: readonly Event[]) => void;
  readonly decision: Decision<Event, Outcome>;
};

type Given<Command, Event, Outcome> = {
  readonly when: (command: Command) => Then<Event, Outcome>;
};

/** The state after all of `history`. */
export function stateAfter<Command, Event, State, Outcome>(
  decider: Decider<Command, Event, State, Outcome>,
  history: readonly Event[],
): State {
  return history.reduce(decider.evolve, decider.initial());
}

/** With `const given = specificationOf(decider)`: `given(published).when(open).then(opened, [saleOpened])`. */
export function specificationOf<Command, Event, State, Outcome>(
  decider: Decider<Command, Event, State, Outcome>,
): (...history: readonly Event[]) => Given<Command, Event, Outcome> {
  return (...history) => ({
    when: (command) => {
      const decision = decider.decide(command, stateAfter(decider, history));
      return {
        decision,
        // biome-ignore lint/suspicious/noThenProperty: a sentence, not a promise; it is never awaited.
        then: (outcome, events = []) => {
          expect(decision).toEqual({ outcome, events });
        },
      };
    },
  });
}
