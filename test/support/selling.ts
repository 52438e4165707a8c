/**
 * A node of the engine as those see it who sell: programs, plans, sales and accounts, warm over a shared log.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import type { SaleInStepDeps } from '../../src/commands/keep-sale-in-step.ts';
import type { PlanSaleDeps } from '../../src/commands/plan-sale.ts';
import type { PublishProgramRequest } from '../../src/commands/publish-program.ts';
import { createWarmStreams } from '../../src/commands/warm-streams.ts';
import { accountDecider, accountStream } from '../../src/domain/account/index.ts';
import { programDecider, programDetailsSchema, programStream } from '../../src/domain/program/index.ts';
import {
  keepBatch,
  openBatch,
  type SaleCommand,
  type SaleOutcome,
  saleDecider,
  saleStream,
  undoBatch,
} from '../../src/domain/sale/index.ts';
import { type PlanContent, salePlanDecider, salePlanStream } from '../../src/domain/sale-plan/index.ts';
import { type ProgramId, programIdSchema } from '../../src/domain/shared/ids.ts';
import {
  accountCodec,
  engineCodec,
  programCodec,
  saleCodec,
  salePlanCodec,
} from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { plan } from '../domain/sale-plan/fixtures.ts';
import { type Devstore, startDevstore } from './devstore-process.ts';

export const DAY_MS = 86_400_000;
const MAX_WARM = 100;

export function createSellingNode(store: EventStore) {
  const warm = { maxWarm: MAX_WARM };
  const programs = createWarmStreams({
    ...warm,
    streamOf: programStream,
    decider: programDecider,
    log: createStreamLog(store, programCodec),
  });
  const plans = createWarmStreams({
    ...warm,
    streamOf: salePlanStream,
    decider: salePlanDecider,
    log: createStreamLog(store, salePlanCodec),
  });
  const sales = createWarmStreams({
    ...warm,
    streamOf: saleStream,
    decider: saleDecider,
    log: createStreamLog(store, saleCodec),
    batches: { open: openBatch, keep: keepBatch, undo: undoBatch },
  });
  const accountLog = createStreamLog(store, accountCodec);
  const accounts = createWarmStreams({
    ...warm,
    streamOf: accountStream,
    decider: accountDecider,
    log: accountLog,
  });
  const deps: SaleInStepDeps & PlanSaleDeps = {
    program: programs.of,
    plan: plans.of,
    sale: sales.of,
    nowMs: Date.now,
  };
  const submit = (programId: ProgramId, command: SaleCommand): Promise<SaleOutcome> =>
    sales.of(programId).submit(command, because('test'));
  return { deps, programs, plans, sales, accounts, accountLog, submit };
}

export type SellingNode = ReturnType<typeof createSellingNode>;

export const because = (commandId: string) => ({ commandId, correlationId: commandId, actor: 'test' });

/** Two nodes over one devstore. Call it once at the top of a test file. */
export function useSellingNodes(): {
  readonly store: EventStore;
  readonly devstore: Devstore;
  readonly node: SellingNode;
  readonly other: SellingNode;
} {
  let devstore: Devstore | undefined;
  let store: EventStore | undefined;
  let nodes: readonly [SellingNode, SellingNode] | undefined;
  beforeAll(async () => {
    devstore = await startDevstore();
    store = openEventStore({ connectionString: devstore.url });
    nodes = [createSellingNode(store), createSellingNode(store)];
  });
  afterAll(async () => {
    await store?.close();
    await devstore?.close();
  });
  const there = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new Error('The nodes of this file have not been started yet.');
    return value;
  };
  return {
    get store() {
      return there(store);
    },
    get devstore() {
      return there(devstore);
    },
    get node() {
      return there(nodes)[0];
    },
    get other() {
      return there(nodes)[1];
    },
  };
}

export const newProgramId = (): ProgramId => programIdSchema.parse(randomUUID());

export const planContent = (change: Parameters<typeof plan>[0] = {}): PlanContent => {
  const { planRef: _, ...content } = plan(change);
  return content;
};

export const openNow = () => ({ opensAtMs: Date.now() - 1_000, closesAtMs: Date.now() + DAY_MS });

/** A show in three days; with `window`, on sale. */
export const publication = (change: Partial<PublishProgramRequest> = {}): PublishProgramRequest => ({
  programId: newProgramId(),
  details: programDetailsSchema.parse({
    title: { zh: '天鹅湖', en: 'Swan Lake' },
    city: { zh: '上海', en: 'Shanghai' },
    venue: { en: 'The Hall' },
    genre: 'ballet',
    showsAtMs: Date.now() + 3 * DAY_MS,
  }),
  plan: planContent(),
  ...change,
});

/** Every event of a stream, decoded, in its order. */
export async function eventsIn(store: EventStore, stream: string) {
  const events: { readonly type: string; readonly data: unknown }[] = [];
  for await (const page of createStreamLog(store, engineCodec).read(stream, 0n)) {
    events.push(...page.map(({ event: { type, data } }) => ({ type, data })));
  }
  return events;
}

export const typesIn = async (store: EventStore, stream: string): Promise<string[]> =>
  (await eventsIn(store, stream)).map(({ type }) => type);
