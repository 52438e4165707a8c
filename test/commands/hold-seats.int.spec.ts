/** Holds on a real log, from the seat map to the release or the order; and orders that are taken back. */
import { beforeAll, describe, expect, it } from 'vitest';
import { cancelOrder } from '../../src/commands/cancel-order.ts';
import { type HoldSeatsRequest, holdSeats } from '../../src/commands/hold-seats.ts';
import { publishProgram } from '../../src/commands/publish-program.ts';
import { releaseHold } from '../../src/commands/release-hold.ts';
import { saleStream } from '../../src/domain/sale/index.ts';
import type { ProgramId } from '../../src/domain/shared/ids.ts';
import { idOf, people } from '../domain/sale/fixtures.ts';
import { because, newProgramId, openNow, publication, typesIn, useSellingNodes } from '../support/selling.ts';

const nodes = useSellingNodes();
const ANN = idOf.user('ann');
const BEN = idOf.user('ben');
let programId: ProgramId;
let tokens = 0;

beforeAll(async () => {
  const request = publication({ window: openNow() });
  programId = request.programId;
  await publishProgram(nodes.node.deps, request, because('publish'));
});

const depsOf = (node: typeof nodes.node) => ({
  sale: node.sales.of,
  hasSale: (id: ProgramId) => node.sales.of(id).ask(({ book }) => book !== undefined),
  nowMs: Date.now,
});
const request = (change: Partial<HoldSeatsRequest> = {}): HoldSeatsRequest => ({
  programId,
  buyer: ANN,
  holdToken: idOf.hold(`token-${tokens++}`),
  want: { by: 'seats', seats: [1] },
  ...change,
});
const hold = (asked: HoldSeatsRequest, node = nodes.node) => holdSeats(depsOf(node), asked, because('hold'));
const release = (asked: HoldSeatsRequest, buyer = ANN) =>
  releaseHold(depsOf(nodes.node), { ...asked, buyer }, because('release'));

describe('a hold', () => {
  it('keeps its seats from everybody else until it is released, on every node', async () => {
    const asked = request();
    const held = await hold(asked);
    expect(held).toMatchObject({ kind: 'seats_held', holdToken: asked.holdToken, places: [[0, 1]] });
    const bens = request({ buyer: BEN });
    expect(await hold(bens, nodes.other)).toEqual({ kind: 'refused', code: 'seats_unavailable' });
    expect(await release(asked, BEN)).toEqual({ kind: 'refused', code: 'hold_not_yours' });
    expect(await release(asked)).toEqual({ kind: 'hold_released' });
    expect(await release(asked)).toEqual({ kind: 'hold_released' });
    expect(await hold(bens, nodes.other)).toMatchObject({ kind: 'seats_held', places: [[0, 1]] });
    await release(bens, BEN);
  });

  it('is the same hold when its request comes again', async () => {
    const asked = request({ want: { by: 'seats', seats: [2, 3] } });
    const first = await hold(asked);
    expect(await hold(asked, nodes.other)).toEqual(first);
    await release(asked);
  });

  it('becomes the order that names it', async () => {
    const category = idOf.category('stalls');
    const asked = request({ want: { by: 'category', category, count: 2 } });
    const held = await hold(asked);
    const placed = await nodes.node.submit(programId, {
      type: 'PlaceOrder',
      nowMs: Date.now(),
      orderNumber: idOf.order(77),
      buyer: ANN,
      requestId: idOf.request(77),
      ticketUsers: people(1, 2),
      want: { by: 'hold', holdToken: asked.holdToken },
    });
    expect(placed).toMatchObject({ kind: 'order_placed', places: 'places' in held ? held.places : [] });
    expect(await release(asked)).toEqual({ kind: 'refused', code: 'hold_ended' });
    const cancel = { programId, orderNumber: idOf.order(77) };
    const by = (buyer: typeof ANN) =>
      cancelOrder({ sale: nodes.node.sales.of }, { ...cancel, buyer }, because('cancel'));
    expect(await by(BEN)).toEqual({ kind: 'refused', code: 'not_your_order' });
    expect(await by(ANN)).toEqual({ kind: 'order_cancelled', orderNumber: idOf.order(77) });
    expect(await by(ANN)).toEqual({ kind: 'order_cancelled', orderNumber: idOf.order(77) });
  });

  it('says how many places are left when there are too few', async () => {
    const crowd = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7'].map((buyer) => idOf.user(buyer));
    const want = { by: 'category', category: idOf.category('standing'), count: 4 } as const;
    for (const buyer of crowd) await hold(request({ buyer, want }));
    expect(await hold(request({ buyer: idOf.user('c8'), want }))).toEqual({
      kind: 'refused',
      code: 'sold_out',
      left: 2,
    });
  });

  it('needs a sale, and leaves nothing of one that is not there', async () => {
    const nowhere = newProgramId();
    expect(await hold(request({ programId: nowhere }))).toEqual({ kind: 'refused', code: 'sale_not_open' });
    expect(await release(request({ programId: nowhere }))).toEqual({
      kind: 'refused',
      code: 'hold_not_found',
    });
    expect(await typesIn(nodes.store, saleStream(nowhere))).toEqual([]);
  });
});
