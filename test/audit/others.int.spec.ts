/** Seats, buyers and programs at moments, over sales that real commands made. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buyerAuditSchema, programAuditSchema, seatAuditSchema } from '../../src/audit/answers.ts';
import type { Moment } from '../../src/audit/moment.ts';
import { auditProgram } from '../../src/audit/program.ts';
import type { Way } from '../../src/audit/program-reading.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { createAuditIndex } from '../../src/engine/audit-index.ts';
import { createAuditLog } from '../../src/engine/audit-log.ts';
import { idOf } from '../domain/sale/fixtures.ts';
import { programFromWholeLog } from './whole-log-program.ts';
import {
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

const LATER_MS = Date.now() + 86_400_000;
const there = useWorld();
const seats = (...numbers: number[]) => ({ by: 'seats', seats: numbers }) as const;
const at = (position: string | undefined): Moment => ({
  asked: `position:${position}`,
  atMs: null,
  position: BigInt(position ?? -1),
});

describe('The owners of a seat', () => {
  it('are told from to, with the reason that each ended for', async () => {
    const { world } = there;
    const programId = await newSale(world);
    const [ann, ben] = [await newBuyer(world), await newBuyer(world)];
    const holdToken = idOf.hold(randomUUID());
    const hold = { type: 'HoldSeats', nowMs: Date.now(), buyer: ann } as const;
    await world.sale(programId, { ...hold, holdToken, want: seats(3, 4) });
    await world.sale(programId, { type: 'ReleaseHold', holdToken, buyer: ann });
    const cancelled = await placedOrder(world, programId, ben, { want: seats(3, 4) });
    await world.sale(programId, { type: 'CancelOrder', orderNumber: cancelled.orderNumber, buyer: ben });
    const next = idOf.hold(randomUUID());
    await world.sale(programId, { ...hold, holdToken: next, want: seats(3, 4) });
    const sold = await placedOrder(world, programId, ann, { want: { by: 'hold', holdToken: next } });
    await sell(world, sold);
    await world.sale(programId, { type: 'RefundOrder', orderNumber: sold.orderNumber });
    const answer = await world.audit.seat({ programId, seat: '1-4' }, {});
    if (answer.kind !== 'seat') throw new Error(answer.code);
    seatAuditSchema.strict().parse(answer.audit);
    const { ownerships } = answer.audit;
    expect(ownerships.map(({ state, buyer, ended }) => [state, buyer, ended])).toEqual([
      ['held', ann, 'its buyer let go of it'],
      ['ordered', ben, 'the order was cancelled'],
      ['held', ann, 'the hold became an order'],
      ['ordered', ann, 'the order was paid'],
      ['sold', ann, 'the ticket was given back'],
    ]);
    expect(answer.audit.owner).toBeNull();
    for (const one of ownerships) {
      const then = await world.audit.seat({ programId, seat: '3', at: at(one.from.position) }, {});
      expect(then).toMatchObject({ audit: { owner: { state: one.state, buyer: one.buyer, until: null } } });
    }
  });

  it('are known of a seat that a late payment brought its buyer to', async () => {
    const { world } = there;
    const [programId, ann] = [await newSale(world), await newBuyer(world)];
    const late = await placedOrder(world, programId, ann, { want: seats(0, 1) });
    await requestPayment(world, late);
    await world.sale(programId, { type: 'ExpireOrder', orderNumber: late.orderNumber, nowMs: LATER_MS });
    await placedOrder(world, programId, await newBuyer(world), { want: seats(0, 1) });
    await capture(world, late);
    await confirm(world, late);
    const order = await world.audit.order({ orderNumber: late.orderNumber, programId, unmasked: false }, {});
    const seat = order.kind === 'order' ? order.audit.tickets[0]?.place.seat?.number : undefined;
    const answer = await world.audit.seat({ programId, seat: String(seat) }, {});
    expect(answer).toMatchObject({
      audit: { owner: { state: 'sold', buyer: ann, orderNumber: late.orderNumber } },
    });
  });

  it('are asked for by a seat that is there, of a sale that is there', async () => {
    const { world } = there;
    const programId = await newSale(world);
    const nowhere = programIdSchema.parse('nowhere');
    expect(await world.audit.seat({ programId, seat: 'Z-1' }, {})).toMatchObject({ code: 'unknown_seat' });
    expect(await world.audit.seat({ programId: nowhere, seat: '1-1' }, {})).toMatchObject({
      code: 'program_not_found',
    });
  });
});

describe('The orders of a buyer', () => {
  it('are the same from the index and from the log, projected or not', async () => {
    const { world } = there;
    const [first, second] = [await newSale(world), await newSale(world)];
    const ann = await newBuyer(world);
    const sold = await placedOrder(world, first, ann);
    await sell(world, sold);
    await world.project();
    const queued = await queuedOrder(world, second, ann);
    const question = { buyer: ann };
    const fresh = await world.audit.buyer(question, {});
    await world.project();
    const answers = [fresh, await world.audit.buyer(question, {}), await world.logOnly.buyer(question, {})];
    expect(answers.map(({ found }) => found.by)).toEqual(['index', 'index', 'log']);
    const [answer, ...others] = answers.map(({ found: _, ...audit }) => audit);
    for (const other of others) expect(other).toEqual(answer);
    buyerAuditSchema.strict().parse(fresh);
    expect(answer?.orders).toMatchObject([
      { orderNumber: queued, programId: second, status: 'queued', mode: 'v4' },
      {
        orderNumber: sold.orderNumber,
        status: 'issued',
        amountMinor: 1_000,
        money: [{ issuedMinor: 1_000 }],
      },
    ]);
    const earlier = await world.audit.buyer(
      { buyer: ann, at: at(answer?.orders[1]?.firstEvent.position) },
      {},
    );
    expect(earlier.orders).toMatchObject([{ orderNumber: sold.orderNumber, status: 'awaiting_payment' }]);
    expect((await world.audit.buyer({ buyer: ann, before: queued }, {})).orders).toHaveLength(1);
    expect((await world.audit.buyer({ buyer: idOf.user('nobody') }, {})).orders).toEqual([]);
  });
});

describe('A program at a moment', () => {
  it('has its stock, holds, orders and money as they stood, which add up', async () => {
    const { world } = there;
    const programId = await newSale(world);
    const [ann, ben, cyd] = [await newBuyer(world), await newBuyer(world), await newBuyer(world)];
    const holdToken = idOf.hold(randomUUID());
    const hold = { type: 'HoldSeats', nowMs: Date.now(), holdToken, buyer: cyd } as const;
    const sold = await placedOrder(world, programId, ann);
    await sell(world, sold);
    await world.sale(programId, { ...hold, want: seats(15) });
    const paid = await placedOrder(world, programId, ben);
    await requestPayment(world, paid);
    await capture(world, paid);
    const then = await world.audit.program({ programId }, {});
    if (then.kind !== 'program') throw new Error(then.code);
    programAuditSchema.strict().parse(then.audit);
    expect(then.audit).toMatchObject({
      stock: [{ categoryId: 'stalls', capacity: 20, held: 3, sold: 2, free: 15 }],
      holds: { count: 1, places: 1, first: [{ holdToken, buyer: cyd }] },
      orders: {
        count: 2,
        byStatus: { issued: { orders: 1, tickets: 2 }, awaiting_payment: { orders: 1 } },
        awaitingPayment: [{ orderNumber: paid.orderNumber, tickets: 2 }],
      },
      money: [{ capturedMinor: 2_000, issuedMinor: 1_000, refundedMinor: 0, awaitingMinor: 1_000 }],
    });
    await confirm(world, paid);
    await world.sale(programId, { type: 'RefundOrder', orderNumber: sold.orderNumber });
    await refund(world, sold, idOf.money(1_000));
    expect(await world.audit.program({ programId }, {})).toMatchObject({
      audit: {
        stock: [{ held: 1, sold: 2, free: 17 }],
        money: [{ capturedMinor: 2_000, issuedMinor: 0, refundedMinor: 1_000, awaitingMinor: 1_000 }],
      },
    });
    const { found: _, ...audit } = then.audit;
    const again = await world.audit.program({ programId, at: at(audit.asOf.event?.position) }, {});
    expect(again).toMatchObject({ audit: { ...audit, asOf: { event: audit.asOf.event } } });
  });

  it('is the same in every way, at each of its events, as every event of the log tells it', async () => {
    const { world } = there;
    const [programId, other] = [await newSale(world), await newSale(world)];
    for (const each of [programId, other, programId]) {
      const story = await placedOrder(world, each, await newBuyer(world));
      await sell(world, story);
      await queuedOrder(world, each, await newBuyer(world));
      await world.sequence(each);
      await world.sale(each, { type: 'RefundOrder', orderNumber: story.orderNumber, tickets: [0] });
      await refund(world, story, idOf.money(500));
    }
    await world.project();
    await queuedOrder(world, programId, await newBuyer(world));
    const [log, index] = [createAuditLog(world.store), createAuditIndex(world.db)];
    let compared = 0;
    for await (const { events } of log.all('start', programId)) {
      for (const { position } of events) {
        const question = { programId, at: at(position.toString()) };
        const expected = await programFromWholeLog(log, question);
        for (const way of ['log', 'streams', 'index'] as const) {
          const choose = (ways: readonly [Way, ...Way[]]) => ways.find(({ by }) => by === way) ?? ways[0];
          const told = await auditProgram({ log, index, choose }, question);
          const found = { by: way, indexProblems: [], unreadable: [] };
          expect(told).toEqual(
            expected.kind === 'program' ? { ...expected, audit: { ...expected.audit, found } } : expected,
          );
        }
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(20);
  });

  it('whose sale had not been started is refused', async () => {
    const { world } = there;
    const programId = await newSale(world);
    const before = { asked: 'then', atMs: 1_000, position: null };
    expect(await world.audit.program({ programId, at: before }, {})).toMatchObject({ code: 'sale_not_open' });
    const nowhere = programIdSchema.parse('nowhere');
    expect(await world.audit.program({ programId: nowhere }, {})).toMatchObject({
      code: 'program_not_found',
    });
  });
});
