import { expect, it } from 'vitest';
import {
  type Resumed,
  type SkipProjectionEventDeps,
  skipProjectionEvent,
} from '../../src/commands/skip-projection-event.ts';
import {
  logPositionSchema,
  type ProjectionEvent,
  projectionDecider,
  projectionNameSchema,
} from '../../src/domain/projection/index.ts';
import { stateAfter } from '../support/given.ts';

const projection = projectionNameSchema.parse('orders');
const position = logPositionSchema.parse('42');
const stands = { position, stream: 'Sale-p', revision: '7', type: 'OrderPaid', error: 'no' };
const request = { projection, position, reason: 'a test order' };
const context = { commandId: 'c', correlationId: 'c', actor: 'olga' };

/** A stream in memory, and everything that happens in the order it happens in. */
const house = (standsAt: typeof stands | 'not_stopped' | 'unknown', resumed: Resumed = 'resumed') => {
  const events: ProjectionEvent[] = [];
  const happened: string[] = [];
  const deps: SkipProjectionEventDeps = {
    projection: () => ({
      submit: async (command) => {
        const decision = projectionDecider.decide(command, stateAfter(projectionDecider, events));
        events.push(...decision.events);
        happened.push(...decision.events.map(({ type }) => type));
        return decision.outcome;
      },
    }),
    standsAt: async () => standsAt,
    passOver: async (_, at, actor) => {
      happened.push(`passed over ${at} for ${actor}`);
      return resumed;
    },
    nowMs: () => 5,
  };
  return { deps, events, happened };
};

it('A skip is in the log before it is done', async () => {
  const { deps, happened } = house(stands);
  expect(await skipProjectionEvent(deps, request, context)).toEqual({ kind: 'skipped', event: stands });
  expect(happened).toEqual(['ProjectionEventSkipped', 'passed over 42 for olga']);
});

it('A skip that was recorded and not done is done when it is asked for again', async () => {
  const { deps, happened } = house(stands);
  await skipProjectionEvent(deps, request, context);
  await skipProjectionEvent(deps, request, context);
  expect(happened).toEqual(['ProjectionEventSkipped', 'passed over 42 for olga', 'passed over 42 for olga']);
});

it.each([
  ['unknown', 'projection_not_found'],
  ['not_stopped', 'projection_not_stopped'],
  [{ ...stands, position: logPositionSchema.parse('41') }, 'projection_stopped_elsewhere'],
] as const)('Nothing is recorded of a read model that stands elsewhere: %s', async (standsAt, code) => {
  const { deps, happened } = house(standsAt);
  expect(await skipProjectionEvent(deps, request, context)).toMatchObject({ kind: 'refused', code });
  expect(happened).toEqual([]);
});

it.each([
  ['unknown', 'projection_not_found'],
  ['not_stopped', 'projection_not_stopped'],
  ['stopped_elsewhere', 'projection_stopped_elsewhere'],
] as const)('Whoever was quicker is told of: %s', async (resumed, code) => {
  const { deps } = house(stands, resumed);
  expect(await skipProjectionEvent(deps, request, context)).toEqual({ kind: 'refused', code });
});

it('An error of any length and with any characters can be kept', async () => {
  const { deps, events } = house({ ...stands, error: `\0\uD800${'x'.repeat(5_000)}` });
  await skipProjectionEvent(deps, request, context);
  const [event] = events;
  const error = event?.type === 'ProjectionEventSkipped' ? event.data.error : '';
  expect([error.slice(0, 3), error.length]).toEqual(['\uFFFD\uFFFDx', 1_000]);
});
