/** The shape every aggregate has: what is known, what an event makes of it, and what a command may do with it. */

/**
 * `decide` and `evolve` are total, pure and synchronous; time, ids and randomness come with the command. A
 * repeated command gives its outcome again and no events.
 */
export type Decider<Command, Event, State, Outcome> = {
  readonly initial: () => State;
  /** May change `state` in place where the aggregate says so at its head; always use what it returns. */
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (command: Command, state: State) => Decision<Event, Outcome>;
};

export type Decision<Event, Outcome> = {
  readonly outcome: Outcome;
  readonly events: readonly Event[];
};
