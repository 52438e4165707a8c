/** Plays commands against a decider and holds, at each step, what every aggregate promises. */
import { expect } from 'vitest';
import type { Decider } from '../../src/domain/shared/decider.ts';
import type { EventSpec } from '../../src/domain/shared/event.ts';

type AnyEvent = { readonly type: string; readonly data: unknown };

export type Played<Event, State, Outcome> = {
  readonly history: readonly Event[];
  readonly outcomes: readonly Outcome[];
  readonly state: State;
};

/**
 * The promises: a refusal has no events; a command that is repeated at once has the same outcome and no
 * events; events survive being stored as JSON and read by their own schema; state depends on nothing but the
 * events.
 */
export function play<Command, Event extends AnyEvent, State, Outcome extends { readonly kind: string }>(
  decider: Decider<Command, Event, State, Outcome>,
  specs: readonly EventSpec[],
  commands: readonly Command[],
): Played<Event, State, Outcome> {
  const history: Event[] = [];
  const outcomes: Outcome[] = [];
  let state = decider.initial();
  for (const command of commands) {
    const { outcome, events } = decider.decide(command, state);
    if (outcome.kind === 'refused') expect(events).toEqual([]);
    for (const event of events) expectStorable(specs, event);
    state = events.reduce(decider.evolve, state);
    expect(decider.decide(command, state)).toEqual({ outcome, events: [] });
    history.push(...events);
    outcomes.push(outcome);
  }
  expect(history.reduce(decider.evolve, decider.initial())).toEqual(state);
  return { history, outcomes, state };
}

function expectStorable(specs: readonly EventSpec[], event: AnyEvent): void {
  const spec = specs.find(({ type }) => type === event.type);
  if (spec === undefined) throw new Error(`${event.type} is not described.`);
  expect(spec.schema.parse(JSON.parse(JSON.stringify(event.data)))).toEqual(event.data);
}
