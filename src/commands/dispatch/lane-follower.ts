/**
 * Follows the lanes of the order queue and has the sequencer decide what comes. Where it stands is written down
 * behind every batch; from there, or a little before, it goes on after whatever happened to it.
 */
import { laneOfStream, type OrderQueueEvent } from '../../domain/order-queue/index.ts';
import { type Delivery, decideQueued, type SequencerDeps } from './sequencer.ts';

/** An event of a lane with its place, or why it cannot be read as one. */
export type LaneIncoming =
  | {
      readonly kind: 'event';
      readonly event: OrderQueueEvent & {
        readonly stream: string;
        readonly revision: bigint;
        readonly metadata: { readonly correlationId: string };
      };
    }
  | { readonly kind: 'corrupt'; readonly error: Error };

/** All lanes in the order of the log. It begins behind `from`, and offers a batch that was rejected again. */
export type LaneSource = {
  readonly start: (
    from: bigint | 'start',
    onBatch: (batch: {
      readonly events: readonly LaneIncoming[];
      readonly position: bigint;
    }) => Promise<void>,
  ) => { readonly stop: () => Promise<void> };
};

/** A position in the log. Losing it costs looking at old orders again, and nothing else. */
export type LaneCheckpoint = {
  readonly load: () => Promise<bigint | undefined>;
  readonly save: (position: bigint) => Promise<void>;
};

export type LaneFollower = {
  readonly state: () => { readonly position: bigint | undefined; readonly decided: number };
  /** Waits for the batch that is being decided. */
  readonly stop: () => Promise<void>;
};

export const followLanes = async (
  deps: SequencerDeps & { readonly source: LaneSource; readonly checkpoint: LaneCheckpoint },
): Promise<LaneFollower> => {
  let position = await deps.checkpoint.load();
  let decided = 0;
  const subscription = deps.source.start(position ?? 'start', async (batch) => {
    const deliveries = batch.events.map(deliveryOf);
    await decideQueued(deps, deliveries);
    decided += deliveries.length;
    position = batch.position;
    await deps.checkpoint.save(batch.position);
  });
  return { state: () => ({ position, decided }), stop: () => subscription.stop() };
};

/** A damaged entry stops the lane: what it asked for is not known, and nothing behind it may be decided first. */
const deliveryOf = (incoming: LaneIncoming): Delivery => {
  if (incoming.kind === 'corrupt') throw incoming.error;
  const { stream, revision, data, metadata } = incoming.event;
  const lane = laneOfStream(stream);
  if (lane === undefined) throw new Error(`${stream} is no lane of the order queue.`);
  return { lane, revision, order: data, correlationId: metadata.correlationId };
};
