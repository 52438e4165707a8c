/** For whoever runs the engine: how far everything is, and what to do with a read model that has stopped. */
import { z } from 'zod';
import type { CommandContext } from '../commands/ports.ts';
import type {
  SkipProjectionEventAnswer,
  SkipProjectionEventRequest,
} from '../commands/skip-projection-event.ts';
import { logPositionSchema, type ProjectionName, projectionNameSchema } from '../domain/projection/index.ts';
import type { UserId } from '../domain/shared/ids.ts';
import { lineSchema } from '../domain/shared/text.ts';
import { contextOf } from './command-context.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { type MeasuredOrdersDeps, measuredOrdersEndpoint } from './operations-orders.ts';
import { type WorkDeps, workEndpoint } from './operations-work.ts';
import { type RefusalDetails, refusal } from './refusals.ts';

const projectionAnswer = z.object({
  name: z.string(),
  store: z.enum(['sql', 'redis']),
  version: z.int().describe('That filled it.'),
  codeVersion: z.int().describe('Of the running code; where it is higher, the read model is to be rebuilt.'),
  build: z.int().nullable().describe('Counts how often it was built.'),
  position: z.string().nullable().describe('In the log; as text, because it is more than a number holds.'),
  lagMs: z.number().nullable().describe('How old the oldest event is that is not applied; 0 when all are.'),
  lagEvents: z.int().nullable().describe('Events that have arrived and are not applied.'),
  eventsPerSecond: z.number().nullable(),
  state: z.enum(['running', 'stopped', 'unavailable', 'not_running']),
  stoppedAt: z
    .object({
      stream: z.string(),
      revision: z.string(),
      position: z.string(),
      type: z.string(),
      error: z.string(),
    })
    .nullable(),
  lastError: z.object({ message: z.string(), atMs: z.number() }).nullable(),
});

/** What is not known is null: nothing has run yet, or no process has it in hand. */
export type ProjectionStatus = z.infer<typeof projectionAnswer>;

export type OperationsDeps = WorkDeps &
  MeasuredOrdersDeps & {
    readonly projections: () => Promise<readonly ProjectionStatus[]>;
    readonly retryProjection: (
      name: ProjectionName,
      askedBy: UserId,
    ) => Promise<'resumed' | 'not_stopped' | 'stopped_elsewhere' | 'unknown'>;
    readonly skipProjectionEvent: (
      request: SkipProjectionEventRequest,
      context: CommandContext,
    ) => Promise<SkipProjectionEventAnswer>;
  };

/** `position` is that of the event it stands at: whoever skips has seen what is skipped. */
const resumeBody = z.discriminatedUnion('how', [
  z.strictObject({ how: z.literal('retry') }),
  z.strictObject({ how: z.literal('skip'), position: logPositionSchema, reason: lineSchema }),
]);

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
    params: z.strictObject({ name: projectionNameSchema }),
    body: resumeBody,
    answers: { 200: z.object({ name: z.string(), state: z.literal('running') }) },
    handle: async (call) => {
      const { name } = call.params;
      const code = call.body.how === 'retry' ? await retry(deps, name, call.identity.userId) : undefined;
      if (code !== undefined) return refusal(code);
      if (call.body.how === 'skip') {
        const { position, reason } = call.body;
        const request = { projection: name, position, reason };
        const answer = await deps.skipProjectionEvent(request, contextOf(call));
        if (answer.kind === 'refused') return refusal(answer.code, standing(answer.event));
      }
      return json(200, { name, state: 'running' });
    },
  }),
];

const retry = async (
  { retryProjection }: OperationsDeps,
  name: ProjectionName,
  askedBy: UserId,
): Promise<'projection_not_found' | 'projection_not_stopped' | undefined> => {
  const outcome = await retryProjection(name, askedBy);
  if (outcome === 'unknown') return 'projection_not_found';
  return outcome === 'resumed' ? undefined : 'projection_not_stopped';
};

const standing = (event: { readonly position: string } | undefined): RefusalDetails =>
  event === undefined ? {} : { detail: `It stands at position ${event.position}.` };
