/**
 * One lane that this process follows: what of it has been seen, what is being decided, and up to where everything is.
 * Lanes are decided apart from one another, so that one that stands still moves no other's checkpoint.
 */
import type { OrderQueueEvent } from '../../domain/order-queue/index.ts';
import { createSequencer, type Delivery, type SequencerDeps, type StuckProgram } from './sequencer.ts';

type Place = { readonly stream: string; readonly revision: bigint; readonly position: bigint };

/** An event of a lane with its place, or why it cannot be read as one. */
export type LaneIncoming =
  | {
      readonly kind: 'event';
      readonly event: OrderQueueEvent & Place & { readonly metadata: { readonly correlationId: string } };
    }
  | { readonly kind: 'corrupt'; readonly event: Place; readonly error: Error };

export type LaneState = {
  readonly lane: number;
  /** Everything up to here is decided; undefined before anything is. */
  readonly position: bigint | undefined;
  /** Orders that are being decided or wait for it. */
  readonly open: number;
  readonly decided: number;
  readonly stuck: StuckProgram | undefined;
  /** A damaged entry, behind which nothing of the lane is decided. */
  readonly damagedAt: { readonly revision: bigint; readonly error: string } | undefined;
};

export type FollowedLane = {
  readonly lane: number;
  /** Up to here it needs nothing from the log any more; undefined where it needs everything. */
  readonly seen: () => bigint | undefined;
  /** Everything of this lane in a piece of the log that ends at `position`. */
  readonly see: (incoming: readonly LaneIncoming[], position: bigint) => void;
  readonly state: () => LaneState;
  /** Begins nothing more; resolves when nothing is being decided. */
  readonly stop: () => Promise<void>;
};

/** `onMoved` is called when something was decided or passed over. */
export const followLane = (
  deps: SequencerDeps,
  lane: number,
  from: bigint | undefined,
  onMoved: () => void,
): FollowedLane => {
  const stopping = new AbortController();
  const sequencer = createSequencer(deps, stopping.signal);
  const pieces: { readonly position: bigint; open: number }[] = [];
  let seen = from;
  let position = from;
  let open = 0;
  let decided = 0;
  let damagedAt: LaneState['damagedAt'];

  const settle = (): void => {
    while (pieces[0]?.open === 0) position = pieces.shift()?.position;
    onMoved();
  };

  const see = (incoming: readonly LaneIncoming[], end: bigint): void => {
    if (stopping.signal.aborted || damagedAt !== undefined || (seen !== undefined && end <= seen)) return;
    const fresh = incoming.filter(({ event }) => seen === undefined || event.position > seen);
    const deliveries: Delivery[] = [];
    for (const one of fresh) {
      if (one.kind === 'corrupt') {
        // What it asked for is not known, and nothing behind it may be decided first.
        damagedAt = { revision: one.event.revision, error: one.error.message };
        break;
      }
      const { revision, data, metadata } = one.event;
      deliveries.push({ lane, revision, order: data, correlationId: metadata.correlationId });
    }
    seen = end;
    const piece = { position: end, open: deliveries.length + (damagedAt === undefined ? 0 : 1) };
    pieces.push(piece);
    open += deliveries.length;
    sequencer.add(deliveries, () => {
      piece.open--;
      open--;
      decided++;
      settle();
    });
    settle();
  };

  return {
    lane,
    seen: () => seen,
    see,
    state: () => ({ lane, position, open, decided, stuck: sequencer.stuck(), damagedAt }),
    stop: async () => {
      stopping.abort();
      await sequencer.idle();
    },
  };
};
