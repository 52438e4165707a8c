/** For whoever runs the engine: how far everything is, and what to do with a read model that has stopped. */
import { z } from 'zod';
import type { UserId } from '../domain/shared/ids.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { type MeasuredOrdersDeps, measuredOrdersEndpoint } from './operations-orders.ts';
import { type WorkDeps, workEndpoint } from './operations-work.ts';
import { refusal } from './refusals.ts';

const projectionAnswer = z.object({
  name: z.string(),
  version: z.int(),
  position: z.string().nullable().describe('In the log; as text, because it is more than a number holds.'),
  lagMs: z.number().nullable().describe('How old the oldest event is that is not applied; 0 when all are.'),
  lagEvents: z.int().describe('Events that have arrived and are not applied.'),
  eventsPerSecond: z.number(),
  state: z.enum(['running', 'stopped', 'unavailable', 'not_running']),
  stoppedAt: z
    .object({ stream: z.string(), revision: z.string(), type: z.string(), error: z.string() })
    .nullable(),
  lastError: z.object({ message: z.string(), atMs: z.number() }).nullable(),
});

/** What is not known is null: nothing has run yet, or no process has it in hand. */
export type ProjectionStatus = z.infer<typeof projectionAnswer>;

export type OperationsDeps = WorkDeps &
  MeasuredOrdersDeps & {
    readonly projections: () => Promise<readonly ProjectionStatus[]>;
    readonly resumeProjection: (
      name: string,
      how: 'retry' | 'skip',
      askedBy: UserId,
    ) => Promise<'resumed' | 'not_stopped' | 'unknown'>;
  };

const MAX_NAME_CHARACTERS = 64;

export const operationsEndpoints = (deps: OperationsDeps): readonly Endpoint[] => [
  workEndpoint(deps),
  measuredOrdersEndpoint(deps),
  endpoint({
    method: 'GET',
    path: '/operations/projections',
    access: 'operator',
    summary: 'The read models: how far they are, how fast, and which event has stopped one.',
    answers: { 200: z.object({ projections: z.array(projectionAnswer) }) },
    handle: async () => json(200, { projections: await deps.projections() }),
  }),
  endpoint({
    method: 'POST',
    path: '/operations/projections/:name/resume',
    access: 'operator',
    summary: 'Lets a stopped read model go on: with the event it stopped at, or without it.',
    params: z.strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9_-]+$/)
        .max(MAX_NAME_CHARACTERS),
    }),
    body: z.strictObject({ how: z.enum(['retry', 'skip']) }),
    answers: { 200: z.object({ name: z.string(), state: z.literal('running') }) },
    handle: async ({ params: { name }, body, identity }) => {
      const outcome = await deps.resumeProjection(name, body.how, identity.userId);
      if (outcome === 'unknown') return refusal('projection_not_found');
      if (outcome === 'not_stopped') return refusal('projection_not_stopped');
      return json(200, { name, state: 'running' });
    },
  }),
];
