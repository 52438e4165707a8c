/** For whoever runs the engine: how far the read models are, and what to do with one that has stopped. */
import { z } from 'zod';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { refusal } from './refusals.ts';

/** What is not known (nothing has run yet, the log cannot be asked) is null. */
export type ProjectionStatus = {
  readonly name: string;
  readonly version: number;
  /** In the log, as a decimal: it is more than a JSON number holds. */
  readonly position: string | null;
  readonly lagEvents: number | null;
  readonly lagMs: number | null;
  readonly eventsPerSecond: number | null;
  readonly state: 'running' | 'stopped';
  readonly lastError: {
    readonly stream: string;
    readonly revision: string;
    readonly type: string;
    readonly error: string;
  } | null;
};

export type OperationsDeps = {
  readonly projections: () => Promise<readonly ProjectionStatus[]>;
  readonly resumeProjection: (
    name: string,
    how: 'retry' | 'skip',
  ) => Promise<'resumed' | 'not_stopped' | 'unknown'>;
};

const MAX_NAME_CHARACTERS = 64;

const projectionAnswer = z.object({
  name: z.string(),
  version: z.int(),
  position: z.string().nullable(),
  lagEvents: z.int().nullable(),
  lagMs: z.int().nullable(),
  eventsPerSecond: z.number().nullable(),
  state: z.enum(['running', 'stopped']),
  lastError: z
    .object({ stream: z.string(), revision: z.string(), type: z.string(), error: z.string() })
    .nullable(),
});

export const operationsEndpoints = (deps: OperationsDeps): readonly Endpoint[] => [
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
    handle: async ({ params: { name }, body }) => {
      const outcome = await deps.resumeProjection(name, body.how);
      if (outcome === 'unknown') return refusal('projection_not_found');
      if (outcome === 'not_stopped') return refusal('projection_not_stopped');
      return json(200, { name, state: 'running' });
    },
  }),
];
