/** What can be asked of a read model's stream, and what it can answer. Commands are parsed at the edge. */
import type { ProjectionEvent, ProjectionEventSkipped, ProjectionName } from './events.ts';
import type { ProjectionRefusalCode } from './refusals.ts';

type Common<Type> = { readonly type: Type; readonly projection: ProjectionName; readonly nowMs: number };
type DataOf<Type> = Extract<ProjectionEvent, { type: Type }>['data'];

export type SkipEvent = Common<'SkipEvent'> & {
  readonly event: Pick<ProjectionEventSkipped, 'position' | 'stream' | 'revision' | 'type' | 'error'>;
  readonly reason: string;
};

/** `position` is where the build stood when it was swapped in. */
export type RecordRebuild = Common<'RecordRebuild'> & {
  readonly rebuilt: Omit<DataOf<'ProjectionRebuilt'>, 'projection' | 'rebuiltAtMs'>;
};

export type RecordRollback = Common<'RecordRollback'> & {
  readonly rolledBack: Omit<DataOf<'ProjectionRolledBack'>, 'projection' | 'rolledBackAtMs'>;
};

export type ProjectionCommand = SkipEvent | RecordRebuild | RecordRollback;

export type ProjectionOutcome =
  | { readonly kind: 'skipped' | 'recorded' }
  | { readonly kind: 'refused'; readonly code: ProjectionRefusalCode };
