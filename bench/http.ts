/**
 * What a request costs before and behind the handler: bare node:http, the lean lane and Express, for one
 * order-shaped request over a handler that does nothing. The lanes are measured here, not the engine.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { mintToken } from '../src/api/identity.ts';
import { userIdSchema } from '../src/domain/shared/ids.ts';
import { type Benchmark, UsageError } from './benchmark.ts';
import { type LaneName, laneNames, startLane } from './http/lane.ts';
import { againFor, isCreated, runLoad } from './http/load.ts';
import { requestBytes } from './http/request.ts';
import { median } from './support/statistics.ts';
import { cell, formatTable } from './support/table.ts';

const ROUNDS = 3;
const USERS = 1_000;
const TTL_SECONDS = 3_600;
const SECOND_MS = 1_000;
const MICROS_PER_MS = 1_000;

type Figures = { readonly perSecond: number; readonly serverMicros: number };

const run: Benchmark['run'] = async (args, signal) => {
  const options = {
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '64' },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  const [seconds, connections] = [Number(values.seconds), Number(values.connections)];
  if (!(seconds > 0 && Number.isInteger(connections) && connections > 0)) {
    throw new UsageError('--seconds is a number, --connections a whole number, both more than 0.');
  }
  const key = randomBytes(32);
  const requests = await Promise.all(Array.from({ length: USERS }, (_, index) => orderOf(key, index)));
  const figures = new Map<LaneName, Figures[]>(laneNames.map((lane) => [lane, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const lane of laneNames) {
      signal.throwIfAborted();
      const load = { connections, requests, durationMs: seconds * SECOND_MS };
      figures.get(lane)?.push(await measure({ lane, key: key.toString('hex') }, load));
    }
  }
  process.stdout.write(`${report(figures)}\n`);
};

export const http: Benchmark = {
  name: 'http',
  summary: 'the lanes of the API for one order-shaped request: bare node:http, lean, Express',
  usage: ['--seconds N       of each round (4)', '--connections N   at a time (64)'],
  run,
};

type Sending = {
  readonly connections: number;
  readonly requests: readonly Buffer[];
  readonly durationMs: number;
};

/** The first half of the time as long again is for the compiler, and not counted. */
const measure = async (
  start: Parameters<typeof startLane>[0],
  { connections, requests, durationMs }: Sending,
): Promise<Figures> => {
  const server = await startLane(start);
  const { port } = server;
  const sendFor = (ms: number): Promise<number> =>
    runLoad({ port, connections, isExpected: isCreated, take: againFor(requests, ms) });
  try {
    await sendFor(durationMs / 2);
    const [cpuMs, startMs] = [server.cpuMs(), performance.now()];
    const answered = await sendFor(durationMs);
    return {
      perSecond: (answered / (performance.now() - startMs)) * SECOND_MS,
      serverMicros: ((server.cpuMs() - cpuMs) / answered) * MICROS_PER_MS,
    };
  } finally {
    await server.close();
  }
};

const orderOf = async (key: Uint8Array, index: number): Promise<Buffer> => {
  const userId = userIdSchema.parse(`buyer-${index}`);
  const token = await mintToken(key, { userId, scopes: [], ttlSeconds: TTL_SECONDS, nowMs: Date.now() });
  return requestBytes({
    method: 'POST',
    path: '/orders/v3',
    token,
    idempotencyKey: `order-${index}`,
    body: { programId: 'bench', ticketUserIds: [`person-${index}`], categoryId: 'hall' },
  });
};

const report = (figures: ReadonlyMap<LaneName, readonly Figures[]>): string => {
  const medians = [...figures].map(([lane, rounds]) => ({
    lane,
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    serverMicros: median(rounds.map(({ serverMicros }) => serverMicros)),
  }));
  const bare = medians[0]?.perSecond ?? Number.NaN;
  const rows = medians.map(({ lane, perSecond, serverMicros }) => [
    lane,
    cell(perSecond),
    cell(perSecond / bare, 2),
    cell(serverMicros),
  ]);
  return formatTable([`median of ${ROUNDS} rounds`, 'per second', 'of bare', 'server CPU, µs each'], rows);
};
