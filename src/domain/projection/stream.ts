/** Where the decisions about a read model are kept. */
import { type ProjectionName, projectionNameSchema } from './events.ts';

export const PROJECTION_CATEGORY = 'Projection';

export const projectionStream = (name: ProjectionName) => `${PROJECTION_CATEGORY}-${name}` as const;

/** The read model a stream is about; undefined for streams of other categories. */
export function projectionOfStream(stream: string): ProjectionName | undefined {
  const prefix = `${PROJECTION_CATEGORY}-`;
  if (!stream.startsWith(prefix)) return undefined;
  return projectionNameSchema.safeParse(stream.slice(prefix.length)).data;
}
