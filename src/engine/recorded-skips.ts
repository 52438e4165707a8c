/** The events that somebody has said a read model may do without, as the log has them. */
import { PROJECTION_CATEGORY } from '../domain/projection/index.ts';
import { projectionCodec } from '../event-catalogue.ts';
import { type EventStore, streamName } from '../eventstore/index.ts';
import type { Skip } from '../rebuild/tally.ts';

/** In the order in which it was said. Rejects as reading the log does. */
export const recordedSkips = async (
  store: Pick<EventStore, 'read'>,
  projection: string,
): Promise<readonly Skip[]> => {
  const skips: Skip[] = [];
  for await (const page of store.read(streamName(PROJECTION_CATEGORY, projection))) {
    for (const stored of page) {
      const decoded = projectionCodec.decode(stored);
      if (decoded.kind === 'unknown' || decoded.event.type !== 'ProjectionEventSkipped') continue;
      const { data, metadata } = decoded.event;
      const { position, type, reason } = data;
      skips.push({ position, type, reason, actor: metadata.actor });
    }
  }
  return skips;
};
