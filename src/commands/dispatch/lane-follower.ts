/**
 * Follows those lanes of the order queue that are this process's to decide, over one subscription for all of them.
 * Each has a checkpoint of its own, so that a lane that goes to another process goes on where it stood, or a little
 * before.
 */
import { laneOfStream } from '../../domain/order-queue/index.ts';
import { type FollowedLane, followLane, type LaneIncoming, type LaneState } from './followed-lane.ts';
import type { SequencerDeps } from './sequencer.ts';

export type { LaneIncoming, LaneState } from './followed-lane.ts';

/** Orders in memory that are not decided: beyond them, a sale that is out of reach holds up every lane. */
const MAX_OPEN = 20_000;
const SAVE_EVERY_MS = 100;
const RETRY_MS = 1_000;

/** Lanes in the order of the log. It begins behind `from`, and offers again what was rejected. */
export type LaneSource = {
  readonly start: (
    from: bigint | 'start',
    onBatch: (batch: {
      readonly events: readonly LaneIncoming[];
      readonly position: bigint;
    }) => Promise<void>,
  ) => { readonly stop: () => Promise<void> };
};

/** By lane a position in the log. Losing one costs looking at old orders again, and nothing else. */
export type LaneCheckpoints = {
  readonly load: (lane: number) => Promise<bigint | undefined>;
  readonly save: (positions: ReadonlyMap<number, bigint>) => Promise<void>;
};

export type LaneFollowerDeps = SequencerDeps & {
  readonly sourceOf: (lanes: readonly number[]) => LaneSource;
  readonly checkpoints: LaneCheckpoints;
};

export type LaneFollower = {
  /**
   * Follows this lane too, until it is stopped, which waits for what is being decided. Rejects when its checkpoint
   * cannot be loaded, or it is followed already.
   */
  readonly follow: (lane: number) => Promise<{ readonly stop: () => Promise<void> }>;
  readonly state: () => readonly LaneState[];
  readonly stop: () => Promise<void>;
};

export const createLaneFollower = (deps: LaneFollowerDeps): LaneFollower => {
  const lanes = new Map<number, FollowedLane>();
  const stopping = new AbortController();
  const checkpoints = keepCheckpoints(deps, lanes, stopping.signal);
  const room: (() => void)[] = [];

  const openOrders = (): number => [...lanes.values()].reduce((sum, lane) => sum + lane.state().open, 0);
  const letIn = (): void => {
    if (room.length === 0 || openOrders() >= MAX_OPEN) return;
    for (const enter of room.splice(0)) enter();
  };

  const subscription = keepSubscription(deps, lanes, async (followed, { events, position }) => {
    const byLane = new Map<number, LaneIncoming[]>();
    for (const incoming of events) {
      const lane = laneOfStream(incoming.event.stream) ?? -1;
      const mine = byLane.get(lane) ?? [];
      byLane.set(lane, mine);
      mine.push(incoming);
    }
    for (const lane of followed) lane.see(byLane.get(lane.lane) ?? [], position);
    if (openOrders() >= MAX_OPEN && !stopping.signal.aborted)
      await new Promise<void>((enter) => room.push(enter));
  });

  const leave = async (followed: FollowedLane): Promise<void> => {
    if (lanes.get(followed.lane) !== followed) return;
    lanes.delete(followed.lane);
    for (const enter of room.splice(0)) enter();
    await followed.stop();
    await checkpoints.saveLast(followed);
    subscription.adjust();
  };

  return {
    follow: async (lane) => {
      const from = await deps.checkpoints.load(lane);
      if (lanes.has(lane)) throw new Error(`Lane ${lane} is followed already.`);
      const followed = followLane(deps, lane, from, () => {
        checkpoints.soon();
        letIn();
      });
      lanes.set(lane, followed);
      subscription.adjust();
      return { stop: () => leave(followed) };
    },
    state: () => [...lanes.values()].map((lane) => lane.state()),
    stop: async () => {
      stopping.abort();
      for (const enter of room.splice(0)) enter();
      await Promise.all([...lanes.values()].map(leave));
      await subscription.stop();
      await checkpoints.idle();
    },
  };
};

/** Behind what is decided, now and then and for all lanes at once: no order waits for it. */
const keepCheckpoints = (
  deps: LaneFollowerDeps,
  lanes: ReadonlyMap<number, FollowedLane>,
  stopping: AbortSignal,
) => {
  const saved = new Map<number, bigint>();
  let saving: Promise<void> | undefined;

  const saveAll = async (those: Iterable<FollowedLane>): Promise<void> => {
    const positions = new Map<number, bigint>();
    for (const lane of those) {
      const { position } = lane.state();
      if (position !== undefined && saved.get(lane.lane) !== position) positions.set(lane.lane, position);
    }
    if (positions.size === 0) return;
    await deps.checkpoints.save(positions);
    for (const [lane, position] of positions) saved.set(lane, position);
  };

  const saveLater = async (): Promise<void> => {
    await deps.sleep(SAVE_EVERY_MS, stopping);
    for (let isSaved = false; !isSaved && !stopping.aborted; ) {
      isSaved = await saveAll(lanes.values()).then(
        () => true,
        () => false,
      );
      if (!isSaved) await deps.sleep(RETRY_MS, stopping);
    }
  };

  return {
    soon: (): void => {
      saving ??= saveLater().finally(() => {
        saving = undefined;
      });
    },
    /** Once: what is not written down is looked at again by the next one. */
    saveLast: async (lane: FollowedLane): Promise<void> => {
      await saveAll([lane]).catch(() => undefined);
      saved.delete(lane.lane);
    },
    idle: async (): Promise<void> => {
      await saving;
    },
  };
};

type LaneBatch = Parameters<Parameters<LaneSource['start']>[1]>[0];

/** One subscription for the lanes there are; when they change, another, from where the least of them stands. */
const keepSubscription = (
  deps: LaneFollowerDeps,
  lanes: ReadonlyMap<number, FollowedLane>,
  onBatch: (followed: readonly FollowedLane[], batch: LaneBatch) => Promise<void>,
) => {
  /** What the subscription began for: a lane that came later must not take its batches for all there is. */
  let followed: readonly FollowedLane[] = [];
  let current: { readonly stop: () => Promise<void> } | undefined;
  let adjusting: Promise<void> | undefined;
  let isStopped = false;

  const isRight = (): boolean =>
    isStopped || (followed.length === lanes.size && followed.every((one) => lanes.get(one.lane) === one));

  const adjustNow = async (): Promise<void> => {
    // Whatever changes meanwhile, and in this turn, goes along.
    await Promise.resolve();
    while (!isRight()) {
      await current?.stop();
      current = undefined;
      const those = [...lanes.values()];
      followed = those;
      if (those.length === 0 || isStopped) continue;
      const source = deps.sourceOf(those.map(({ lane }) => lane));
      current = source.start(leastSeen(those), (batch) => onBatch(those, batch));
    }
  };

  const adjust = (): void => {
    adjusting ??= adjustNow().finally(() => {
      adjusting = undefined;
      if (!isRight()) adjust();
    });
  };

  return {
    adjust,
    stop: async (): Promise<void> => {
      isStopped = true;
      await adjusting;
      await current?.stop();
      current = undefined;
    },
  };
};

const leastSeen = (lanes: Iterable<FollowedLane>): bigint | 'start' => {
  let least: bigint | undefined;
  for (const lane of lanes) {
    const seen = lane.seen();
    if (seen === undefined) return 'start';
    if (least === undefined || seen < least) least = seen;
  }
  return least ?? 'start';
};
