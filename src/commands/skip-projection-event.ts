/**
 * Lets a stopped read model pass over the event it stands at. Recorded first, and then done: whatever is built from
 * the log later leaves out what the live rows are without, and knows who said so.
 */
import {
  type LogPosition,
  MAX_ERROR_CHARACTERS,
  type ProjectionCommand,
  type ProjectionName,
  type ProjectionOutcome,
  type ProjectionRefusalCode,
  type ProjectionState,
} from '../domain/projection/index.ts';
import type { CommandContext } from './ports.ts';
import type { WarmStream } from './warm-stream.ts';

export type ProjectionStream = WarmStream<ProjectionCommand, ProjectionState, ProjectionOutcome>;

/** Where a read model stands still, and why. */
export type StandsAt = {
  readonly position: LogPosition;
  readonly stream: string;
  readonly revision: string;
  readonly type: string;
  readonly error: string;
};

export type Resumed = 'resumed' | 'not_stopped' | 'stopped_elsewhere' | 'unknown';

export type SkipProjectionEventDeps = {
  readonly projection: (name: ProjectionName) => Pick<ProjectionStream, 'submit'>;
  /** Where it stands now; `unknown` for a name that no read model has. */
  readonly standsAt: (name: ProjectionName) => Promise<StandsAt | 'not_stopped' | 'unknown'>;
  /** Does nothing where it stands elsewhere by now. */
  readonly passOver: (name: ProjectionName, position: LogPosition, actor: string) => Promise<Resumed>;
  readonly nowMs: () => number;
};

export type SkipProjectionEventRequest = {
  readonly projection: ProjectionName;
  readonly position: LogPosition;
  readonly reason: string;
};

export type SkipProjectionEventAnswer =
  | { readonly kind: 'skipped'; readonly event: StandsAt }
  | {
      readonly kind: 'refused';
      readonly code:
        | ProjectionRefusalCode
        | 'projection_not_found'
        | 'projection_not_stopped'
        | 'projection_stopped_elsewhere';
      /** Where it stands, if at another position. */
      readonly event?: StandsAt;
    };

/** Rejects as `submit` does, and with what the read models' store rejects with; repeating it is safe. */
export const skipProjectionEvent = async (
  deps: SkipProjectionEventDeps,
  { projection, position, reason }: SkipProjectionEventRequest,
  context: CommandContext,
): Promise<SkipProjectionEventAnswer> => {
  const stands = await deps.standsAt(projection);
  if (stands === 'unknown') return { kind: 'refused', code: 'projection_not_found' };
  if (stands === 'not_stopped') return { kind: 'refused', code: 'projection_not_stopped' };
  if (stands.position !== position) {
    return { kind: 'refused', code: 'projection_stopped_elsewhere', event: stands };
  }
  const event = { ...stands, error: keepable(stands.error) };
  const command = { type: 'SkipEvent', projection, event, reason, nowMs: deps.nowMs() } as const;
  const outcome = await deps.projection(projection).submit(command, context);
  if (outcome.kind === 'refused') return outcome;
  const resumed = await deps.passOver(projection, position, context.actor);
  return resumed === 'resumed'
    ? { kind: 'skipped', event: stands }
    : { kind: 'refused', code: refusalOf[resumed] };
};

/** Somebody else was quicker. That it is recorded harms nobody: what can be applied is never left out. */
const refusalOf = {
  unknown: 'projection_not_found',
  not_stopped: 'projection_not_stopped',
  stopped_elsewhere: 'projection_stopped_elsewhere',
} as const;

/** What a store or a driver says can have any length and any characters. */
const keepable = (text: string): string =>
  text.slice(0, MAX_ERROR_CHARACTERS).replace(/[\0\p{Surrogate}]/gu, '\uFFFD');
