/** The thread of an audit, as built: its answers, its bounds, and that it takes neither the engine's loop nor its end. */
import { randomUUID } from 'node:crypto';
import { isMainThread, threadId } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditTask } from '../../src/api/audit-runs.ts';
import { checkReport } from '../../src/auditor/report.ts';
import { programIdSchema } from '../../src/domain/shared/ids.ts';
import { type AuditWorkerOptions, createAuditWorker } from '../../src/engine/audit-worker.ts';
import { engineCodec } from '../../src/event-catalogue.ts';
import {
  type EventStore,
  encodeEvents,
  openEventStore,
  type StreamName,
} from '../../src/eventstore/index.ts';
import { signingKeyOf } from '../../src/signing.ts';
import { compare } from '../../src/what-if/compare.ts';
import { readRecordedSale } from '../../src/what-if/recorded-sale.ts';
import { flashSale } from '../projections/flash-sale.ts';
import { type Devstore, startDevstore } from '../support/devstore-process.ts';

const ORDERS = 60;
const BUILT = new URL('../../dist/engine/audit-thread.js', import.meta.url);
const auditKey = { bytes: new Uint8Array(32).fill(5) };
const programId = programIdSchema.parse('flash-sale');
const forever = new AbortController().signal;
const verify: AuditTask = { kind: 'verify' };

let devstore: Devstore;
let store: EventStore;
/** Threads of the runs that were answered, oldest first. */
const threads: number[] = [];

beforeAll(async () => {
  devstore = await startDevstore();
  store = openEventStore({ connectionString: devstore.url });
  const streams = new Map<string, ReturnType<typeof flashSale>[number]['event'][]>();
  for (const { stream, event } of flashSale(ORDERS)) {
    streams.set(stream, [...(streams.get(stream) ?? []), event]);
  }
  for (const [name, events] of streams) {
    const stream = name as StreamName;
    const context = { correlationId: 'test', causationId: name, actor: 'test' };
    await store.append(stream, 'no_stream', encodeEvents(engineCodec, stream, events, context));
  }
});
afterAll(async () => {
  await store?.close();
  await devstore?.close();
});

const worker = (options: Partial<AuditWorkerOptions> = {}) =>
  createAuditWorker({
    ...{ eventStoreUrl: devstore.url, auditKey, program: BUILT, ...options },
    onRun: (run) => threads.push(run.threadId),
  });
const textOf = (answer: Awaited<ReturnType<ReturnType<typeof worker>['run']>>): string => {
  if (answer.kind === 'answer') return new TextDecoder().decode(answer.json);
  throw new Error(JSON.stringify(answer));
};
/** A thread that runs this text instead. */
const running = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

describe('An audit in a thread', () => {
  it('is made beside the open event store of the process, in a thread that is not its own', async () => {
    const text = textOf(await worker().run({ kind: 'verify', programId }, { signal: forever }));
    const key = signingKeyOf(auditKey).publicKey.key;
    const genuine = { scope: programId, programs: [{ programId, orders: ORDERS }] };
    expect(checkReport(text, key)).toMatchObject({ kind: 'genuine', report: genuine });
    expect(isMainThread).toBe(true);
    expect(threads.at(-1)).not.toBe(threadId);
    // The process's own client has noticed nothing.
    expect(await store.readAllPage({ maxCount: 1 })).toHaveLength(1);
  });

  it('is a replay too, the same as one that is made here', async () => {
    const whatIf = { perOrder: 1 };
    const text = textOf(await worker().run({ kind: 'replay', programId, whatIf }, { signal: forever }));
    const sale = await readRecordedSale(store, programId);
    expect(text).toBe(`${JSON.stringify(sale && compare(sale, whatIf), undefined, 2)}\n`);
  });

  it('is unsigned without a key, and says so', async () => {
    const text = textOf(await worker({ auditKey: undefined }).run(verify, { signal: forever }));
    expect(JSON.parse(text)).toMatchObject({ publicKey: null, signature: null });
  });

  it('refuses a program that the log has nothing of', async () => {
    const nobody = programIdSchema.parse('nobody');
    const { run } = worker();
    const asked: readonly AuditTask[] = [
      { kind: 'verify', programId: nobody },
      { kind: 'replay', programId: nobody, whatIf: {} },
    ];
    for (const task of asked) {
      expect(await run(task, { signal: forever })).toEqual({ kind: 'refused', code: 'program_not_found' });
    }
  });

  it('refuses to replay a program whose sale was never started', async () => {
    const planned = programIdSchema.parse('planned');
    const proposed = {
      ...{ id: randomUUID(), type: 'ProgramPublished', contentType: 'application/json' as const },
      ...{ data: { programId: planned }, metadata: new TextEncoder().encode('{"schemaVersion":1}') },
    };
    await store.append('Program-planned' as StreamName, 'no_stream', [{ proposed, sizeBytes: 100 }]);
    const task: AuditTask = { kind: 'replay', programId: planned, whatIf: {} };
    expect(await worker().run(task, { signal: forever })).toEqual({ kind: 'refused', code: 'sale_not_open' });
  });

  it('says what in the log cannot be read', async () => {
    const broken = programIdSchema.parse('broken');
    const proposed = {
      ...{ id: randomUUID(), type: 'SaleStarted', contentType: 'application/json' as const },
      ...{ data: { nothing: 'of it' }, metadata: new TextEncoder().encode('{"schemaVersion":1}') },
    };
    await store.append('Sale-broken' as StreamName, 'no_stream', [{ proposed, sizeBytes: 100 }]);
    const task: AuditTask = { kind: 'replay', programId: broken, whatIf: {} };
    expect(await worker().run(task, { signal: forever })).toMatchObject({
      code: 'log_unreadable',
      detail: expect.stringContaining('SaleStarted at Sale-broken@0 is corrupt'),
    });
  });

  it('says that the event store is away as the engine itself would', async () => {
    const { run } = worker({ eventStoreUrl: 'esdb://127.0.0.1:1?tls=false' });
    await expect(run(verify, { signal: forever })).rejects.toMatchObject({ name: 'EventStoreError' });
  });
});

describe('A thread that never ends', () => {
  /** It says that it has begun, and never again lets go of its own event loop. */
  const busy = running(`
    const said = new BroadcastChannel('seatlog-test-busy');
    said.postMessage('begun');
    for (;;);`);

  const begun = async (work: () => Promise<unknown>) => {
    const channel = new BroadcastChannel('seatlog-test-busy');
    const heard = new Promise<void>((done) => {
      channel.onmessage = () => done();
    });
    const result = work().then(
      () => undefined,
      (error: unknown) => error,
    );
    await heard;
    channel.close();
    return { result };
  };

  it('leaves the event loop of the process to others, and ends when its caller has gone', async () => {
    const leaving = new AbortController();
    const { run } = worker({ program: busy });
    const { result } = await begun(() => run(verify, { signal: leaving.signal }));
    // The thread computes without a pause, and an append is answered.
    const stream = 'Sale-meanwhile' as StreamName;
    const [event] = flashSale(1).map((told) => told.event);
    const context = { correlationId: 'test', causationId: 'test', actor: 'test' };
    const encoded = event && encodeEvents(engineCodec, stream, [event], context);
    expect(encoded && (await store.append(stream, 'no_stream', encoded))).toMatchObject({ kind: 'appended' });
    leaving.abort();
    expect(await result).toBe(leaving.signal.reason);
  });

  it('ends when the engine closes', async () => {
    const { run, close } = worker({ program: busy });
    const { result } = await begun(() => run(verify, { signal: forever }));
    close();
    expect(await result).toMatchObject({ name: 'EventStoreError', kind: 'closed' });
    await expect(run(verify, { signal: forever })).rejects.toMatchObject({ kind: 'closed' });
  });

  it('ends when its time is up', async () => {
    const { run } = worker({ program: busy, maxTimeMs: 100 });
    expect(await run(verify, { signal: forever })).toMatchObject({ code: 'audit_too_large' });
  });
});

describe('A thread that fails', () => {
  it('for want of memory takes nothing from the process', async () => {
    const greedy = running('const kept = []; for (;;) kept.push({ one: [Math.random()] });');
    const { run } = worker({ program: greedy, maxHeapMib: 16 });
    expect(await run(verify, { signal: forever })).toMatchObject({ code: 'audit_too_large' });
  });

  it('is told of by its own error', async () => {
    const { run } = worker({ program: running('throw new RangeError("a fault of ours");') });
    await expect(run(verify, { signal: forever })).rejects.toThrow('a fault of ours');
  });

  it('without a word is told of too', async () => {
    const { run } = worker({ program: running('process.exit(3);') });
    await expect(run(verify, { signal: forever })).rejects.toThrow('ended with 3 and without an answer');
  });
});
