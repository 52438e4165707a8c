/** Programs, plans and sales on a real log: what is published is what is sold. */
import { describe, expect, it } from 'vitest';
import { cancelProgram } from '../../src/commands/cancel-program.ts';
import { changeDispatch } from '../../src/commands/change-dispatch.ts';
import { closeSale } from '../../src/commands/close-sale.ts';
import { keepSaleInStep } from '../../src/commands/keep-sale-in-step.ts';
import { openSale } from '../../src/commands/open-sale.ts';
import { planOf } from '../../src/commands/plan-sale.ts';
import { publishProgram } from '../../src/commands/publish-program.ts';
import { reviseProgram } from '../../src/commands/revise-program.ts';
import { scheduleSale } from '../../src/commands/schedule-sale.ts';
import { programStream } from '../../src/domain/program/index.ts';
import { saleStream } from '../../src/domain/sale/index.ts';
import { salePlanStream } from '../../src/domain/sale-plan/index.ts';
import {
  because,
  DAY_MS,
  eventsIn,
  type newProgramId,
  openNow,
  planContent,
  publication,
  typesIn,
  useSellingNodes,
} from '../support/selling.ts';

const nodes = useSellingNodes();

const publish = (request = publication()) => publishProgram(nodes.node.deps, request, because('publish'));
const programTypes = (programId: ReturnType<typeof newProgramId>) =>
  typesIn(nodes.store, programStream(programId));
const saleTypes = (programId: ReturnType<typeof newProgramId>) => typesIn(nodes.store, saleStream(programId));

describe('publishing', () => {
  it('shows the categories of the plan, and starts the sale with the same when its hours are said', async () => {
    const window = openNow();
    const request = publication({ window });
    const { programId, plan } = request;
    expect(await publish(request)).toEqual({ kind: 'published', programId, saleStatus: 'scheduled' });
    const { planRef } = planOf(plan);
    expect(await eventsIn(nodes.store, salePlanStream(planRef))).toEqual([
      { type: 'SalePlanned', data: { ...plan, planRef } },
    ]);
    const [published] = await eventsIn(nodes.store, programStream(programId));
    expect(published?.data).toMatchObject({
      offer: {
        layoutRef: planRef,
        currency: 'CNY',
        ticketCategories: [
          // Ten seats, of which each row has a blocked one.
          { categoryId: 'stalls', kind: 'seated', capacity: 8, priceMinor: 500, name: { zh: '池座' } },
          { categoryId: 'standing', kind: 'general', capacity: 30, priceMinor: 200, name: { zh: '站席' } },
        ],
      },
    });
    const { categoryNames: _, ...rules } = plan;
    expect(await eventsIn(nodes.store, saleStream(programId))).toEqual([
      { type: 'SaleStarted', data: { programId, ...rules, ...window } },
    ]);
  });

  it('happens once, however often it is asked for and by whom', async () => {
    const request = publication({ window: openNow() });
    const deps = [nodes.node.deps, nodes.other.deps, nodes.node.deps];
    const answers = await Promise.all(deps.map((each) => publishProgram(each, request, because('again'))));
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['published']));
    expect(await programTypes(request.programId)).toEqual(['ProgramPublished', 'SaleScheduled']);
    expect(await saleTypes(request.programId)).toEqual(['SaleStarted']);
  });

  it('leaves nothing behind when the hours cannot be', async () => {
    const plan = planContent({ limits: { perOrder: 1, perBuyer: 3 } });
    const request = publication({
      plan,
      window: { opensAtMs: Date.now(), closesAtMs: Date.now() + 9 * DAY_MS },
    });
    expect(await publish(request)).toEqual({ kind: 'refused', code: 'sale_ends_after_the_show' });
    expect(await programTypes(request.programId)).toEqual([]);
    expect(await saleTypes(request.programId)).toEqual([]);
    expect(await typesIn(nodes.store, salePlanStream(planOf(plan).planRef))).toEqual([]);
  });

  it('keeps equal plans once, whatever order their fields are in', async () => {
    const plan = planContent({ limits: { perOrder: 3, perBuyer: 5 } });
    const turned = { ...plan, limits: { perBuyer: 5, perOrder: 3 } };
    await publish(publication({ plan }));
    await publish(publication({ plan: turned }));
    expect(planOf(turned).planRef).toBe(planOf(plan).planRef);
    expect(await typesIn(nodes.store, salePlanStream(planOf(plan).planRef))).toEqual(['SalePlanned']);
  });
});

describe('revising', () => {
  it('changes what is sold until the hours are said', async () => {
    const request = publication();
    const { programId, details } = request;
    const revise = (plan: typeof request.plan) =>
      reviseProgram(nodes.node.deps, { programId, details, plan }, because('revise'));
    await publish(request);
    const dearer = planContent({ currency: 'USD' });
    expect(await revise(dearer)).toEqual({ kind: 'revised' });
    await scheduleSale(nodes.node.deps, { programId, window: openNow() }, because('schedule'));
    const [started] = await eventsIn(nodes.store, saleStream(programId));
    expect(started?.data).toMatchObject({ currency: 'USD' });
    expect(await revise(request.plan)).toEqual({ kind: 'refused', code: 'offer_is_fixed' });
  });

  it('is for programs that there are', async () => {
    const { programId, details, plan } = publication({ plan: planContent({ currency: 'SEK' }) });
    const answer = await reviseProgram(nodes.node.deps, { programId, details, plan }, because('revise'));
    expect(answer).toEqual({ kind: 'refused', code: 'program_not_found' });
    expect(await typesIn(nodes.store, salePlanStream(planOf(plan).planRef))).toEqual([]);
  });
});

describe('the hours of a sale', () => {
  it('follow those of its program', async () => {
    const request = publication({ window: openNow() });
    const { programId } = request;
    await publish(request);
    const later = { opensAtMs: Date.now() + DAY_MS, closesAtMs: Date.now() + 2 * DAY_MS };
    for (let times = 0; times < 2; times++) {
      const answer = await scheduleSale(nodes.node.deps, { programId, window: later }, because('later'));
      expect(answer).toEqual({ kind: 'scheduled', window: later });
    }
    expect(await saleTypes(programId)).toEqual(['SaleStarted', 'SaleRescheduled']);
    expect((await eventsIn(nodes.store, saleStream(programId))).at(-1)?.data).toEqual(later);
  });

  it('are the program’s in the end when two nodes change them at the same time', async () => {
    const request = publication({ window: openNow() });
    const { programId } = request;
    await publish(request);
    const windows = Array.from({ length: 8 }, (_, nth) => ({
      opensAtMs: Date.now() + nth,
      closesAtMs: Date.now() + DAY_MS + nth,
    }));
    await Promise.all(
      windows.map((window, nth) =>
        scheduleSale(
          nth % 2 === 0 ? nodes.node.deps : nodes.other.deps,
          { programId, window },
          because('race'),
        ),
      ),
    );
    const inProgram = (await eventsIn(nodes.store, programStream(programId))).at(-1)?.data;
    const inSale = (await eventsIn(nodes.store, saleStream(programId))).at(-1)?.data;
    expect(inProgram).toMatchObject(inSale as object);
  });

  it('end with the program’s, and a sale that never began has nothing to end', async () => {
    const [selling, idle] = [publication({ window: openNow() }), publication()];
    await publish(selling);
    await publish(idle);
    const { programId } = selling;
    expect(await openSale(nodes.node.deps, programId, because('open'))).toEqual({ kind: 'opened' });
    const close = { programId, reason: 'operator' } as const;
    expect(await closeSale(nodes.node.deps, close, because('close'))).toEqual({ kind: 'closed' });
    const cancel = { programId: idle.programId, reason: 'storm' };
    expect(await cancelProgram(nodes.node.deps, cancel, because('cancel'))).toEqual({ kind: 'cancelled' });
    expect(await saleTypes(programId)).toEqual(['SaleStarted', 'SaleEnded']);
    expect(await saleTypes(idle.programId)).toEqual([]);
    const again = await scheduleSale(nodes.node.deps, { programId, window: openNow() }, because('again'));
    expect(again).toEqual({ kind: 'refused', code: 'sale_already_closed' });
  });

  it('cannot begin for a program that names no plan', async () => {
    const { programId, details } = publication();
    const offer = { currency: 'CNY', layoutRef: 'hall', ticketCategories: [] } as never;
    const nowMs = Date.now();
    const { program } = nodes.node.deps;
    await program(programId).submit(
      { type: 'PublishProgram', programId, details, offer, nowMs },
      because('x'),
    );
    await program(programId).submit(
      { type: 'ScheduleSale', programId, ...openNow(), nowMs },
      because('schedule'),
    );
    await expect(keepSaleInStep(nodes.node.deps, programId, because('step'))).rejects.toThrow(
      'names no plan',
    );
  });
});

describe('the dispatch of orders', () => {
  it('is split as the operator says, and goes back to the engine’s own', async () => {
    const request = publication();
    const { programId } = request;
    await publish(request);
    const split = [{ mode: 'v3', weight: 1 }] as const;
    const change = (to: typeof split | null) =>
      changeDispatch(nodes.node.deps, { programId, split: to && [...to] }, because('dispatch'));
    expect(await change(split)).toEqual({ kind: 'dispatch_changed' });
    expect(await change(split)).toEqual({ kind: 'dispatch_changed' });
    expect(await change(null)).toEqual({ kind: 'dispatch_changed' });
    const types = await programTypes(programId);
    expect(types).toEqual(['ProgramPublished', 'DispatchModeChanged', 'DispatchModeChanged']);
  });
});
