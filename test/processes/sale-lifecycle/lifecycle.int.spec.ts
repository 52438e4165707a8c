/** The process on a real log: what a crash leaves undone between a program and its sale is made good. */
import { describe, expect, it } from 'vitest';
import { keepSaleInStep } from '../../../src/commands/keep-sale-in-step.ts';
import { publishProgram } from '../../../src/commands/publish-program.ts';
import { type ProgramCommand, programStream } from '../../../src/domain/program/index.ts';
import { type SaleCommand, saleStream, soldOrders } from '../../../src/domain/sale/index.ts';
import type { ProgramId } from '../../../src/domain/shared/ids.ts';
import { engineCodec, streamPrefixes } from '../../../src/event-catalogue.ts';
import { logSource } from '../../../src/eventstore/log-source.ts';
import { type RunningProcess, startProcess } from '../../../src/processes/runner.ts';
import { createSaleLifecycle, turnSaleWindows } from '../../../src/processes/sale-lifecycle/index.ts';
import { idOf, people } from '../../domain/sale/fixtures.ts';
import {
  because,
  DAY_MS,
  eventsIn,
  openNow,
  planContent,
  publication,
  typesIn,
  useSellingNodes,
} from '../../support/selling.ts';
import { until } from '../../support/until.ts';

const nodes = useSellingNodes();

/** On the other node, as a worker would be. */
const lifecycle = () => {
  const { deps, sales, programs, submit } = nodes.other;
  return createSaleLifecycle({
    keepInStep: (programId, context) => keepSaleInStep(deps, programId, context),
    isCancelled: (programId) =>
      programs.of(programId).ask((state) => state.kind === 'published' && state.sale === 'cancelled'),
    paidOrdersOf: (programId, limit) => sales.of(programId).ask((state) => soldOrders(state, limit)),
    submitToSale: submit,
  });
};

const run = (): RunningProcess =>
  startProcess({
    process: lifecycle(),
    source: logSource(nodes.store, engineCodec, { name: 'test', streamPrefixes }),
    checkpoint: { load: async () => undefined, save: async () => undefined },
    nowMs: Date.now,
    sleep: (delayMs: number) => new Promise((done) => setTimeout(done, delayMs)),
    onStuck: (_, stuck) => console.error(stuck),
  });

/** Lets the process react to everything that is in the log. */
async function processed(holds: () => Promise<boolean>): Promise<void> {
  const running = run();
  try {
    await until('the process has followed', holds);
    await until('nothing is left to react to', () => running.state().open === 0);
  } finally {
    await running.stop();
  }
}

const saleTypes = (programId: ProgramId) => typesIn(nodes.store, saleStream(programId));
/** As if the node died behind the first of the two appends. */
const onlyTell = (programId: ProgramId, command: ProgramCommand) =>
  nodes.node.programs.of(programId).submit(command, because('crash'));

describe('a crash between program and sale', () => {
  it('is made good: the sale starts, gets its new hours, and ends', async () => {
    const request = publication();
    const { programId } = request;
    await publishProgram(nodes.node.deps, request, because('publish'));
    const window = openNow();
    await onlyTell(programId, { type: 'ScheduleSale', programId, ...window, nowMs: Date.now() });
    expect(await saleTypes(programId)).toEqual([]);
    await processed(async () => (await saleTypes(programId)).length === 1);
    const [started] = await eventsIn(nodes.store, saleStream(programId));
    expect(started).toMatchObject({ type: 'SaleStarted', data: { programId, ...window } });

    const later = { opensAtMs: window.opensAtMs, closesAtMs: window.closesAtMs + DAY_MS };
    await onlyTell(programId, { type: 'ScheduleSale', programId, ...later, nowMs: Date.now() });
    await processed(async () => (await saleTypes(programId)).length === 2);
    expect((await eventsIn(nodes.store, saleStream(programId))).at(-1)).toEqual({
      type: 'SaleRescheduled',
      data: later,
    });

    await onlyTell(programId, { type: 'CloseSale', programId, reason: 'operator', nowMs: Date.now() });
    await processed(async () => (await saleTypes(programId)).length === 3);
    expect(await saleTypes(programId)).toEqual(['SaleStarted', 'SaleRescheduled', 'SaleEnded']);
  });

  it('leaves a sale unstarted that was closed before anybody could start it', async () => {
    const [gone, marker] = [publication(), publication()];
    const nowMs = Date.now();
    for (const request of [gone, marker]) {
      await publishProgram(nodes.node.deps, request, because('publish'));
      const { programId } = request;
      await onlyTell(programId, { type: 'ScheduleSale', programId, ...openNow(), nowMs });
    }
    const { programId } = gone;
    await onlyTell(programId, { type: 'CancelProgram', programId, reason: 'storm', nowMs });
    await processed(async () => (await saleTypes(marker.programId)).length === 1);
    expect(await saleTypes(programId)).toEqual([]);
  });
});

describe('a cancelled program', () => {
  const ORDERS = 40;
  const standing = { by: 'category', category: idOf.category('standing'), count: 1 } as const;

  const order = (nth: number): SaleCommand => ({
    type: 'PlaceOrder',
    nowMs: Date.now(),
    orderNumber: idOf.order(nth + 1),
    buyer: idOf.user(`buyer-${nth}`),
    requestId: idOf.request(nth),
    ticketUsers: people(nth),
    want: standing,
  });
  const pay = (nth: number): SaleCommand => ({
    type: 'ConfirmPayment',
    orderNumber: idOf.order(nth + 1),
    paymentNumber: idOf.payment(1_000 + nth),
    amountMinor: idOf.money(200),
  });
  const refundsIn = async (programId: ProgramId) =>
    (await eventsIn(nodes.store, saleStream(programId))).filter(({ type }) => type === 'OrderRefunded');

  it('refunds every order that was paid, before or after, each once', async () => {
    const [seats, lawn] = planContent().layout;
    const layout = [seats, { ...lawn, capacity: ORDERS }];
    const request = publication({ plan: planContent({ layout }), window: openNow() });
    const { programId } = request;
    const { submit } = nodes.node;
    await publishProgram(nodes.node.deps, request, because('publish'));
    const all = Array.from({ length: ORDERS }, (_, nth) => nth);
    await Promise.all(all.map((nth) => submit(programId, order(nth))));
    // Half are paid, some of them have their tickets, and one is refunded already.
    const paid = all.filter((nth) => nth % 2 === 0);
    await Promise.all(paid.map((nth) => submit(programId, pay(nth))));
    for (const nth of paid.slice(0, 5)) {
      await submit(programId, { type: 'IssueTickets', orderNumber: idOf.order(nth + 1) });
    }
    await submit(programId, { type: 'RefundOrder', orderNumber: idOf.order(1) });

    await onlyTell(programId, { type: 'CancelProgram', programId, reason: 'storm', nowMs: Date.now() });
    await processed(async () => (await refundsIn(programId)).length === paid.length);
    expect(await saleTypes(programId)).toContain('SaleEnded');

    // A buyer was at the provider meanwhile.
    await submit(programId, pay(1));
    await processed(async () => (await refundsIn(programId)).length === paid.length + 1);
    const refunded = (await refundsIn(programId)).map(({ data }) => JSON.stringify(data));
    expect(new Set(refunded).size).toBe(refunded.length);
    expect(await nodes.node.sales.of(programId).ask((state) => soldOrders(state, ORDERS))).toEqual([]);
  });

  it('takes no refund from a program that is not', async () => {
    const request = publication({ window: openNow() });
    const { programId } = request;
    await publishProgram(nodes.node.deps, request, because('publish'));
    await nodes.node.submit(programId, order(0));
    await nodes.node.submit(programId, pay(0));
    const marker = publication();
    await publishProgram(nodes.node.deps, marker, because('publish'));
    await onlyTell(marker.programId, {
      type: 'ScheduleSale',
      programId: marker.programId,
      ...openNow(),
      nowMs: Date.now(),
    });
    await processed(async () => (await saleTypes(marker.programId)).length === 1);
    expect(await refundsIn(programId)).toEqual([]);
  });
});

describe('the hours of a program', () => {
  const turn = (dueWindows: Parameters<typeof turnSaleWindows>[0]['dueWindows'], nowMs = Date.now()) =>
    turnSaleWindows({
      dueWindows,
      submitToProgram: (programId, command, context) =>
        nodes.node.programs.of(programId).submit(command, context),
      nowMs: () => nowMs,
      newId: () => 'turn',
    });

  it('open it and close it when they are due, and not before', async () => {
    const request = publication({ window: openNow() });
    const { programId } = request;
    await publishProgram(nodes.node.deps, request, because('publish'));
    // A read model that is behind says so too early and too often.
    expect(await turn(async () => [{ programId, due: 'closes' }])).toBe(0);
    expect(await turn(async () => [{ programId, due: 'opens' }])).toBe(1);
    expect(await turn(async () => [{ programId, due: 'opens' }])).toBe(1);
    expect(await turn(async () => [{ programId, due: 'closes' }], Date.now() + 2 * DAY_MS)).toBe(1);
    const types = await typesIn(nodes.store, programStream(programId));
    expect(types).toEqual(['ProgramPublished', 'SaleScheduled', 'SaleOpened', 'SaleClosed']);
  });
});
