/** What an audit says of orders that real commands made, found through the index and in the log alone. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type OrderAudit, orderAuditSchema } from '../../src/audit/answers.ts';
import { createTurns } from '../../src/commands/dispatch/turns.ts';
import { dispatchV1 } from '../../src/commands/dispatch/v1.ts';
import { dispatchV2 } from '../../src/commands/dispatch/v2.ts';
import { dispatchV3 } from '../../src/commands/dispatch/v3.ts';
import { orderNumberSchema } from '../../src/domain/shared/ids.ts';
import { createAudit } from '../../src/engine/audit.ts';
import { orderRequest } from '../commands/dispatch/node.ts';
import { idOf } from '../domain/sale/fixtures.ts';
import { because } from '../support/selling.ts';
import {
  auditEveryWay,
  capture,
  confirm,
  newBuyer,
  newSale,
  placedOrder,
  queuedOrder,
  refund,
  requestPayment,
  sell,
  useWorld,
} from './world.ts';

const HOUR_MS = 3_600_000;
const LATER_MS = Date.now() + 24 * HOUR_MS;
const there = useWorld();

const typesOf = ({ history }: Pick<OrderAudit, 'history'>) => history.map(({ type }) => type);
const statusesOf = ({ history }: Pick<OrderAudit, 'history'>) =>
  history.map(({ after }) => after?.status ?? null);

/** Asked in every way, projected before or not; answers the one answer there is. */
const auditOf = async (
  orderNumber: ReturnType<typeof idOf.order>,
  programId: Awaited<ReturnType<typeof newSale>>,
) => {
  const { world } = there;
  const fresh = await auditEveryWay(world, orderNumber, programId);
  await world.project();
  const projected = await auditEveryWay(world, orderNumber, programId);
  const [first] = projected.audits;
  if (first === undefined) throw new Error('There is an answer.');
  for (const audit of [...fresh.audits, ...projected.audits]) expect(audit).toEqual(first);
  expect(projected.ways).toEqual(['index', 'streams', 'log']);
  orderAuditSchema.omit({ found: true }).strict().parse(first);
  return first;
};

describe('An audited order', () => {
  it('tells its hold, payment, tickets and a partial refund, with the money behind each step', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world), await newBuyer(world)];
    const holdToken = idOf.hold(randomUUID());
    await world.sale(programId, {
      ...{ type: 'HoldSeats', nowMs: Date.now(), holdToken, buyer },
      want: { by: 'seats', seats: [3, 4] },
    });
    const story = await placedOrder(world, programId, buyer, { want: { by: 'hold', holdToken } });
    await sell(world, story);
    await world.sale(programId, { type: 'RefundOrder', orderNumber: story.orderNumber, tickets: [1] });
    await refund(world, story, idOf.money(500));
    const audit = await auditOf(story.orderNumber, programId);
    expect(typesOf(audit)).toEqual([
      ...['SeatsHeld', 'OrderPlaced', 'PaymentRequested', 'PaymentCaptured', 'OrderPaid', 'TicketsIssued'],
      ...['OrderRefunded', 'RefundRequested', 'RefundCompleted'],
    ]);
    expect(statusesOf(audit)).toEqual([
      ...[null, 'awaiting_payment', 'awaiting_payment', 'awaiting_payment', 'paid', 'issued'],
      ...['issued', 'issued', 'issued'],
    ]);
    const money = audit.history.map(({ after }) => after?.money[0]?.awaitingMinor ?? null);
    expect(money).toEqual([null, null, null, 1_000, 1_000, 0, 500, 500, 0]);
    expect(audit.money).toEqual([
      { currency: 'CNY', capturedMinor: 1_000, issuedMinor: 500, refundedMinor: 500, awaitingMinor: 0 },
    ]);
    expect(audit.history.at(-1)?.after?.places).toEqual([
      { categoryId: 'stalls', seat: { number: 3, section: 'Hall', row: '1', seat: '4' } },
    ]);
    expect(audit.tickets.map(({ refunded }) => refunded)).toEqual([false, true]);
    expect(audit.history[1]).toMatchObject({ actor: 'test', causationId: 'a command', mode: null });
    expect(audit.mode).toBeNull();
  });

  it('was cancelled, or was not paid in time', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world), await newBuyer(world)];
    const cancelled = await placedOrder(world, programId, buyer);
    await world.sale(programId, { type: 'CancelOrder', orderNumber: cancelled.orderNumber, buyer });
    const expired = await placedOrder(world, programId, buyer);
    await world.sale(programId, { type: 'ExpireOrder', orderNumber: expired.orderNumber, nowMs: LATER_MS });
    const first = await auditOf(cancelled.orderNumber, programId);
    expect(statusesOf(first)).toEqual(['awaiting_payment', 'cancelled']);
    expect(first.history.at(-1)?.after?.places).toEqual([]);
    expect(statusesOf(await auditOf(expired.orderNumber, programId))).toEqual([
      'awaiting_payment',
      'expired',
    ]);
  });

  it('was paid late and got its seats again, or its money back', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world, 1), await newBuyer(world)];
    const late = await placedOrder(world, programId, buyer);
    await requestPayment(world, late);
    await world.sale(programId, { type: 'ExpireOrder', orderNumber: late.orderNumber, nowMs: LATER_MS });
    await capture(world, late);
    await confirm(world, late);
    const again = await auditOf(late.orderNumber, programId);
    expect(typesOf(again).slice(-3)).toEqual(['PaymentCaptured', 'OrderReseated', 'OrderPaid']);
    expect(again).toMatchObject({ status: 'paid', money: [{ awaitingMinor: 1_000 }] });

    const refused = await placedOrder(world, programId, await newBuyer(world));
    await requestPayment(world, refused);
    await world.sale(programId, { type: 'ExpireOrder', orderNumber: refused.orderNumber, nowMs: LATER_MS });
    // Nobody is left to give a seat to.
    for (let others = 0; others < 4; others++) await placedOrder(world, programId, await newBuyer(world));
    await capture(world, refused);
    await confirm(world, refused);
    await refund(world, refused, idOf.money(1_000), 'order_ended');
    const back = await auditOf(refused.orderNumber, programId);
    expect(back).toMatchObject({ status: 'payment_refused', refusal: 'sold_out' });
    expect(back.money).toMatchObject([{ capturedMinor: 1_000, refundedMinor: 1_000, awaitingMinor: 0 }]);
  });

  it('was queued, decided, rejected or repeated in v4', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world, 1), await newBuyer(world)];
    const placed = await queuedOrder(world, programId, buyer);
    const waiting = await auditOf(placed, programId);
    expect(waiting).toMatchObject({ status: 'queued', mode: 'v4', buyer, programId, tickets: [] });
    const repeated = await queuedOrder(world, programId, buyer);
    const rejected = await queuedOrder(world, programId, buyer, 'the same people');
    await world.sequence(programId);
    const decided = await auditOf(placed, programId);
    expect(decided.history.map(({ mode }) => mode)).toEqual(['v4', 'v4']);
    expect(statusesOf(decided)).toEqual(['queued', 'awaiting_payment']);
    expect(await auditOf(repeated, programId)).toMatchObject({ status: 'repeated', repeats: placed });
    expect(await auditOf(rejected, programId)).toMatchObject({
      ...{ status: 'rejected', refusal: 'id_document_already_used', mode: 'v4' },
    });
  });

  it('names the mode it was dispatched in', async () => {
    const { world } = there;
    const programId = await newSale(world);
    const { deps, freshSale } = world.node;
    const locked = {
      ...deps,
      freshSale,
      turns: createTurns(),
      locks: { holding: <Result>(_: readonly string[], work: () => Promise<Result>) => work() },
      untilReadable: async () => true,
    };
    const modes = { v1: dispatchV1, v2: dispatchV2, v3: dispatchV3 };
    for (const [mode, dispatch] of Object.entries(modes)) {
      const answer = await dispatch(
        locked,
        orderRequest(programId, await newBuyer(world), 1, mode),
        because(mode),
      );
      if (answer.kind !== 'order_placed') throw new Error(answer.code);
      const audit = await auditOf(answer.orderNumber, programId);
      expect([audit.mode, audit.history[0]?.mode]).toEqual([mode, mode]);
    }
  });
});

describe('An audit at a moment', () => {
  it('stops at a time and at a position, and names the last event it takes in', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world), await newBuyer(world)];
    const story = await placedOrder(world, programId, buyer);
    await sell(world, story);
    const whole = await auditOf(story.orderNumber, programId);
    const paid = whole.history.find(({ type }) => type === 'OrderPaid');
    const at = { asked: 'x', atMs: null, position: BigInt(paid?.position ?? 0) };
    const { orderNumber } = story;
    const then = await world.audit.order({ orderNumber, at, unmasked: false }, {});
    expect(then).toMatchObject({ audit: { status: 'paid', asOf: { event: { position: paid?.position } } } });
    const before = { asked: 'y', atMs: Date.now() - HOUR_MS, position: null };
    expect(await world.audit.order({ orderNumber, at: before, unmasked: false }, {})).toMatchObject({
      code: 'order_not_found',
      detail: expect.stringContaining('no such order yet'),
    });
  });

  it('finds no order that never was, in any way', async () => {
    const { world } = there;
    const orderNumber = orderNumberSchema.parse(
      world.node.deps.numbers.order(idOf.user('nobody'), Date.now()),
    );
    const refused = { kind: 'refused', code: 'order_not_found' };
    expect(await world.logOnly.order({ orderNumber, unmasked: false }, {})).toEqual(refused);
    const detail = expect.stringContaining('the log itself was not looked through');
    expect(await world.audit.order({ orderNumber, unmasked: false }, {})).toEqual({ ...refused, detail });
    const programId = await newSale(world);
    expect(await world.audit.order({ orderNumber, programId, unmasked: false }, {})).toEqual(refused);
  });
});

describe('An index that is wrong', () => {
  it('is reported row by row, and the answer is the log’s', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world), await newBuyer(world)];
    const story = await placedOrder(world, programId, buyer);
    await sell(world, story);
    const { orderNumber } = story;
    const right = await auditOf(orderNumber, programId);
    const rows = world.db.updateTable('order_event').where('order_number', '=', orderNumber);
    await rows.set({ revision: '0' }).where('type', '=', 16).execute();
    await world.db
      .deleteFrom('order_event')
      .where('order_number', '=', orderNumber)
      .where('type', '=', 31)
      .execute();
    const answer = await world.audit.order({ orderNumber, unmasked: false }, {});
    if (answer.kind !== 'order') throw new Error(answer.code);
    const { found, ...audit } = answer.audit;
    expect(audit).toEqual(right);
    expect(found.by).toBe('streams');
    expect(found.indexProblems).toEqual([
      expect.stringMatching(/^The index says OrderPaid at Sale-.*@0 .*: in the log that is SaleStarted\.$/),
      expect.stringMatching(/^The index lacks PaymentCaptured at Payment-/),
    ]);
  });

  it.each([
    ['OrderPaid', 16, /^The index lacks OrderPaid at Sale-/],
    ['TicketsIssued', 18, /^The index lacks TicketsIssued at Sale-/],
    ['OrderPlaced', 10, /^The index says OrderPaid at Sale-\?@/],
  ] as const)('and lacks %s is found out by what must have been', async (_, row, problem) => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world), await newBuyer(world)];
    const story = await placedOrder(world, programId, buyer);
    await sell(world, story);
    const { orderNumber } = story;
    const right = await auditOf(orderNumber, programId);
    const gone = world.db.deleteFrom('order_event').where('order_number', '=', orderNumber);
    expect(await gone.where('type', '=', row).executeTakeFirst()).toEqual({ numDeletedRows: 1n });
    const { store: eventStore, db } = world;
    const later = createAudit({ eventStore, db, masterKeys: undefined, nowMs: () => LATER_MS });
    const answer = await later.order({ orderNumber, programId, unmasked: false }, {});
    if (answer.kind !== 'order') throw new Error(answer.code);
    expect(typesOf(answer.audit)).toEqual(typesOf(right));
    expect(answer.audit.found.indexProblems).toContainEqual(expect.stringMatching(problem));
  });

  it('and has nothing of an order that a buyer has is found out', async () => {
    const { world } = there;
    const [programId, buyer] = [await newSale(world), await newBuyer(world)];
    const { orderNumber } = await placedOrder(world, programId, buyer);
    await auditOf(orderNumber, programId);
    await world.db.deleteFrom('order_event').where('order_number', '=', orderNumber).execute();
    expect(await world.audit.order({ orderNumber, programId, unmasked: false }, {})).toMatchObject({
      audit: { status: 'awaiting_payment', found: { by: 'streams' } },
    });
    const { orders, found } = await world.audit.buyer({ buyer }, {});
    expect(orders).toMatchObject([{ orderNumber, status: 'awaiting_payment' }]);
    expect(found).toMatchObject({
      by: 'log',
      indexProblems: [`The index lists order ${orderNumber} and has no event of it.`],
    });
  });
});
