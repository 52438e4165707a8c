/** Sales in a real log, a projector that follows it into a real Redis, and the two things that can be rebuilt there. */
import { randomUUID } from 'node:crypto';
import { expect, onTestFinished } from 'vitest';
import {
  type SaleCommand,
  type SaleEvent,
  type SaleTerms,
  saleDecider,
  saleStream,
} from '../../../src/domain/sale/index.ts';
import { type ProgramId, programIdSchema } from '../../../src/domain/shared/ids.ts';
import { saleCodec } from '../../../src/event-catalogue.ts';
import type { EventStore } from '../../../src/eventstore/index.ts';
import { createStreamLog } from '../../../src/eventstore/stream-log.ts';
import { createGate } from '../../../src/gate/index.ts';
import { startGateProjector } from '../../../src/live/gate-projector.ts';
import { writeGateReport } from '../../../src/live/gate-reports.ts';
import { gateSource } from '../../../src/live/gate-source.ts';
import { createOrderStatuses } from '../../../src/live/order-statuses.ts';
import { createRedisRebuildables, type RedisRebuildDeps } from '../../../src/live/rebuild/index.ts';
import type { Differences, RebuildOptions } from '../../../src/rebuild/rebuildable.ts';
import { terms } from '../../domain/sale/fixtures.ts';
import type { RedisServer } from '../../support/redis-server.ts';
import { because } from '../../support/selling.ts';
import { until } from '../../support/until.ts';
import { memoryPlaces, noSnapshots, sleep } from '../support.ts';

const LOOK_EVERY_MS = 50;

/** Accepts whatever differs, unless told otherwise. */
export const options = (change: Partial<RebuildOptions> = {}): RebuildOptions => ({
  signal: new AbortController().signal,
  onProgress: () => undefined,
  keepOld: false,
  accept: async () => true,
  ...change,
});

export function rebuildables(
  redis: { readonly client: RedisRebuildDeps['client'] },
  store: RedisRebuildDeps['store'],
  change: Partial<RedisRebuildDeps> = {},
) {
  const all = createRedisRebuildables({
    ...{ client: redis.client, store, nowMs: Date.now, release: 'test', sleep, patienceMs: 200 },
    actor: 'olga',
    ...change,
  });
  const named = (name: string) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`Nothing is called ${name}.`);
    return found;
  };
  return { gate: named('gate'), orderStatuses: named('order_statuses') };
}

export const patientGate = ({ client }: { readonly client: RedisRebuildDeps['client'] }) =>
  createGate({ client, nowMs: Date.now, onTrouble: () => undefined, timeoutMs: 5_000 });

export async function startProjector(redis: RedisServer, store: EventStore) {
  const onTrouble = (): void => undefined;
  const projector = await startGateProjector({
    source: gateSource(store),
    log: createStreamLog(store, saleCodec),
    snapshots: noSnapshots,
    places: memoryPlaces(),
    gate: patientGate(redis),
    statuses: createOrderStatuses({ client: redis.client, onTrouble, timeoutMs: 5_000 }),
    report: (report) => writeGateReport(redis.client, report),
    ...{ sleep, nowMs: Date.now, lookEveryMs: LOOK_EVERY_MS },
  });
  onTestFinished(() => projector.stop());
  return projector;
}

export type CommandedSale = Awaited<ReturnType<typeof beginSale>>;

/** A sale in the log, whose commands are decided here and appended. */
export async function beginSale(store: EventStore, change: Partial<SaleTerms> = {}) {
  const programId = programIdSchema.parse(`hall-${randomUUID()}`);
  const log = createStreamLog(store, saleCodec);
  const state = saleDecider.initial();
  const stream = saleStream(programId);
  let next = 0n;
  const happen = async (events: readonly SaleEvent[]): Promise<void> => {
    if (events.length === 0) return;
    const encoded = log.encode(stream, events, because('test'), randomUUID());
    const expected = next === 0n ? 'no_stream' : next - 1n;
    expect(await log.append(stream, expected, encoded)).toMatchObject({ kind: 'appended' });
    for (const event of events) saleDecider.evolve(state, event);
    next += BigInt(events.length);
  };
  await happen([{ type: 'SaleStarted', data: { ...terms({ programId }), ...change, programId } }]);
  return {
    ...{ programId, stream, state, happen },
    /** What nobody decided. */
    append: (event: SaleEvent) =>
      log.append(stream, next - 1n, log.encode(stream, [event], because('test'), randomUUID())),
    command: (command: SaleCommand) => happen(saleDecider.decide(command, state).events),
    lastRevision: () => next - 1n,
  };
}

export const untilSettled = (
  redis: RedisServer,
  sale: Pick<CommandedSale, 'programId' | 'lastRevision'>,
): Promise<void> => {
  const gate = patientGate(redis);
  return until('Redis has seen the sale', async () => {
    return (await gate.counters(sale.programId))?.revision === sale.lastRevision();
  });
};

/** Key of one kind of what Redis has of a program. */
export const keyIn = (programId: ProgramId, kind: string): string => `seatlog:gate:{${programId}}:${kind}`;

/** Without what is long. */
export const shortly = ({ count, first }: Differences) => ({
  count,
  first: first.map(({ place, key, live, expected }) => ({ place, key, live, expected })),
});
