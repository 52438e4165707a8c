/** What audits fold from single orders and seats, held against the sale itself over random histories. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogEvent } from '../../src/audit/log.ts';
import { emptyProgram, evolveProgram } from '../../src/audit/program-state.ts';
import { createOwners } from '../../src/audit/seat-owners.ts';
import {
  createSeatNames,
  type SaleEvent,
  type SaleTerms,
  saleDecider,
  saleStream,
} from '../../src/domain/sale/index.ts';
import { commandsOf, type Step, someTerms, steps } from '../domain/sale/arbitraries.ts';
import { createModel, follow, knownTo } from '../domain/sale/model.ts';
import { holds } from '../support/properties.ts';

const MAX_STEPS = 60;

const inLog = (terms: SaleTerms, event: SaleEvent, index: number): LogEvent => ({
  ...event,
  ...{ stream: saleStream(terms.programId), revision: BigInt(index), position: BigInt(index) },
  ...{ recordedAtMs: index, metadata: { correlationId: 'c', causationId: 'c', actor: 'a' } },
});

/** What the commands made, and the sale that made it. */
const played = (terms: SaleTerms, story: readonly Step[]) => {
  const first: SaleEvent = { type: 'SaleStarted', data: terms };
  const events: SaleEvent[] = [first];
  const state = saleDecider.evolve(saleDecider.initial(), first);
  const model = createModel(terms);
  for (const command of commandsOf(story, () => knownTo(model))) {
    for (const event of saleDecider.decide(command, state).events) {
      saleDecider.evolve(state, event);
      follow(model, event);
      events.push(event);
    }
  }
  return { state, events: events.map((event, index) => inLog(terms, event, index)) };
};

it('Held and sold places are the sale’s own, category by category', () => {
  holds(
    fc.property(someTerms, steps(MAX_STEPS), (terms, story) => {
      const { state, events } = played(terms, story);
      const program = emptyProgram({ terms });
      for (const event of events) evolveProgram(program, event);
      expect(program.held).toEqual([...(state.book?.held ?? [])]);
      expect(program.sold).toEqual([...(state.book?.sold ?? [])]);
    }),
    80,
  );
});

it('A seat has an owner exactly while the sale holds or has sold it, and one at a time', () => {
  holds(
    fc.property(someTerms, steps(MAX_STEPS), (terms, story) => {
      const { state, events } = played(terms, story);
      let owned = 0;
      for (let seat = 0; seat < createSeatNames(terms.layout).seatCount; seat++) {
        const owners = createOwners(seat);
        for (const event of events) owners.take(event);
        const list = owners.list();
        expect(list.slice(0, -1).every(({ until }) => until !== null)).toBe(true);
        owned += list.at(-1)?.until === null ? 1 : 0;
      }
      const seated = terms.layout.map(({ kind }) => kind === 'seated');
      const { held = [], sold = [] } = state.book ?? {};
      const taken = [...held, ...sold].filter((_, index) => seated[index % seated.length]);
      expect(owned).toBe(taken.reduce((sum, count) => sum + count, 0));
    }),
    40,
  );
});
