/** Following the lanes on a real log: spread over processes, moved between them, and each order decided once. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createLaneFollower,
  type LaneCheckpoints,
  type LaneFollower,
} from '../../../src/commands/dispatch/lane-follower.ts';
import type { Delivery, SequencerDeps } from '../../../src/commands/dispatch/sequencer.ts';
import { dispatchV4 } from '../../../src/commands/dispatch/v4.ts';
import { LANES, laneOf, laneStream } from '../../../src/domain/order-queue/index.ts';
import type { SaleOutcome } from '../../../src/domain/sale/index.ts';
import { type ProgramId, programIdSchema, type UserId } from '../../../src/domain/shared/ids.ts';
import { orderQueueCodec } from '../../../src/event-catalogue.ts';
import { logSource } from '../../../src/eventstore/log-source.ts';
import { systemTiming } from '../../../src/eventstore/timing.ts';
import { until } from '../../support/until.ts';
import {
  causedBy,
  type Node,
  newBuyers,
  orderRequest,
  saleEventsOf,
  startSale,
  useTwoNodes,
} from './node.ts';

const two = useTwoNodes();
const ALL_LANES = Array.from({ length: LANES }, (_, lane) => lane);

type Saved = LaneCheckpoints & { readonly positions: Map<number, bigint> };

function checkpointsInMemory(): Saved {
  const positions = new Map<number, bigint>();
  return {
    positions,
    load: async (lane) => positions.get(lane),
    save: async (some) => {
      for (const [lane, position] of some) positions.set(lane, position);
    },
  };
}

function followerOf(node: Node, checkpoints: LaneCheckpoints, more: Partial<SequencerDeps> = {}) {
  const follower = createLaneFollower({
    sale: node.deps.sale,
    nowMs: Date.now,
    sleep: systemTiming.sleep,
    checkpoints,
    sourceOf: (lanes) =>
      logSource(two.store, orderQueueCodec, {
        name: 'sequencer',
        streamPrefixes: lanes.map(laneStream),
        batchMaxWaitMs: 0,
      }),
    ...more,
  });
  onTestFinished(() => follower.stop());
  return follower;
}

const followAll = (follower: LaneFollower, lanes: readonly number[]) =>
  Promise.all(lanes.map((lane) => follower.follow(lane)));

const decidedBy = (follower: LaneFollower): number =>
  follower.state().reduce((sum, { decided }) => sum + decided, 0);

const queue = (programId: ProgramId, buyer: UserId) =>
  dispatchV4(two.nodes[0].deps, orderRequest(programId, buyer, 1, 'one'), causedBy(buyer));

async function answersIn(programId: ProgramId): Promise<string[]> {
  const events = await saleEventsOf(two.store, programId);
  return events.flatMap(({ type, data }) =>
    (type === 'OrderPlaced' || type === 'OrderRejected' || type === 'OrderRepeated') && 'orderNumber' in data
      ? [data.orderNumber]
      : [],
  );
}

const newSale = (): Promise<ProgramId> =>
  startSale(two.nodes[0], `hall-${randomUUID()}`, 4, { perOrder: 4, perBuyer: 4 });

async function stampede(programs: readonly ProgramId[], count: number): Promise<void> {
  const buyers = await newBuyers(two.nodes[0], count);
  await Promise.all(programs.flatMap((programId) => buyers.map((buyer) => queue(programId, buyer))));
}

const untilAnswered = (programs: readonly ProgramId[], count: number) =>
  until('all are answered', async () => {
    const answers = await Promise.all(programs.map(answersIn));
    return answers.every(({ length }) => length >= count);
  });

describe('whoever follows the lanes', () => {
  it('has queued orders decided as they come, and goes on where it stood after a restart', async () => {
    const checkpoints = checkpointsInMemory();
    const told: [string, SaleOutcome][] = [];
    const programId = await newSale();
    const first = followerOf(two.nodes[0], checkpoints, {
      onDecided: (orderNumber, outcome) => told.push([orderNumber, outcome]),
    });
    await followAll(first, ALL_LANES);
    await stampede([programId], 30);
    await untilAnswered([programId], 30);
    await until('all are told', () => told.length === 30);
    expect(told.every(([, outcome]) => outcome.kind === 'order_placed')).toBe(true);
    await first.stop();
    expect(checkpoints.positions.size).toBe(LANES);

    const second = followerOf(two.nodes[1], checkpoints);
    await followAll(second, ALL_LANES);
    await stampede([programId], 20);
    await untilAnswered([programId], 50);
    await until('it knows', () => decidedBy(second) === 20);
    expect(new Set(await answersIn(programId)).size).toBe(50);
  });

  it('loses and doubles nothing while lanes move from one process to another and back', async () => {
    const checkpoints = checkpointsInMemory();
    const programs = await Promise.all(Array.from({ length: 6 }, newSale));
    const followers = [followerOf(two.nodes[0], checkpoints), followerOf(two.nodes[1], checkpoints)];
    const held = new Map(
      await Promise.all(
        ALL_LANES.map(async (lane) => [lane, await followers[lane % 2]?.follow(lane)] as const),
      ),
    );
    const selling = stampede(programs, 60);
    for (const turn of [1, 2, 3]) {
      for (const lane of ALL_LANES.filter((one) => one % 3 === turn % 3)) {
        await held.get(lane)?.stop();
        held.set(lane, await followers[(lane + turn) % 2]?.follow(lane));
      }
    }
    await selling;
    await untilAnswered(programs, 60);
    for (const programId of programs) {
      const answers = await answersIn(programId);
      expect(answers).toHaveLength(60);
      expect(new Set(answers).size).toBe(60);
    }
  });

  it('decides other programs of a lane while the sale of one is out of reach, and that one in time or not at all', async () => {
    const bad = await newSale();
    const good = await programInLane(laneOf(bad));
    let isAway = true;
    let aheadMs = 0;
    const follower = followerOf(two.nodes[0], checkpointsInMemory(), {
      nowMs: () => Date.now() + aheadMs,
      sale: (programId) => {
        const sale = two.nodes[0].deps.sale(programId);
        if (programId !== bad || !isAway) return sale;
        return { ...sale, submit: () => Promise.reject(new Error('out of reach')) };
      },
    });
    await follower.follow(laneOf(bad));
    await stampede([bad], 3);
    await until('one sees that it is stuck', () => follower.state()[0]?.stuck?.programId === bad);
    await stampede([good], 5);
    await untilAnswered([good], 5);
    expect(follower.state()[0]).toMatchObject({ open: 3, stuck: { error: 'out of reach' } });
    // Back when nobody waits any more. The sale that is stuck is held for its batch: another try is another sale.
    aheadMs = 600_000;
    isAway = false;
    await follower.stop();
    const next = followerOf(two.nodes[1], checkpointsInMemory(), { nowMs: () => Date.now() + aheadMs });
    await next.follow(laneOf(bad));
    await untilAnswered([bad], 3);
    const rejected = (await saleEventsOf(two.store, bad)).flatMap((event) =>
      event.type === 'OrderRejected' ? [event.data.code] : [],
    );
    expect(rejected).toEqual(['abandoned', 'abandoned', 'abandoned']);
  });

  it('passes over an order of a sale that was never started, and says so', async () => {
    const unanswered: Delivery[] = [];
    const told: SaleOutcome[] = [];
    const follower = followerOf(two.nodes[0], checkpointsInMemory(), {
      onUnanswered: (delivery) => unanswered.push(delivery),
      onDecided: (_, outcome) => told.push(outcome),
    });
    const programId = programIdSchema.parse(`never-${randomUUID()}`);
    await follower.follow(laneOf(programId));
    await queueUnchecked(programId);
    await until('it is passed over', () => unanswered.length === 1);
    expect(unanswered[0]?.order.programId).toBe(programId);
    expect(told.at(-1)).toEqual({ kind: 'refused', code: 'sale_not_open' });
    await until('nothing waits', () => follower.state()[0]?.open === 0);
  });
});

/** Past the checks that refuse such an order before it is queued. */
async function queueUnchecked(programId: ProgramId): Promise<void> {
  const { deps } = two.nodes[0];
  for (const buyer of await newBuyers(two.nodes[0], 1)) {
    const { requestId, want, ...request } = orderRequest(programId, buyer, 1, 'one');
    const ticketUsers = (await deps.ticketUsersOf({ requestId, want, ...request })) ?? [];
    const orderNumber = deps.numbers.order(buyer, Date.now());
    const order = {
      orderNumber,
      programId,
      buyer,
      requestId,
      ticketUsers,
      want,
      deadlineMs: Date.now() + 60_000,
    };
    await deps.lane(programId).submit({ type: 'QueueOrder', order }, causedBy(buyer));
  }
}

/** A sale whose program is in this lane. */
async function programInLane(lane: number): Promise<ProgramId> {
  for (;;) {
    const name = programIdSchema.parse(`hall-${randomUUID()}`);
    if (laneOf(name) === lane) return startSale(two.nodes[0], name, 4, { perOrder: 4, perBuyer: 4 });
  }
}
