/** The engine in one mode: a hall of its own for each sale, and buyers whose ticket users it has on record. */
import { setTimeout as delay } from 'node:timers/promises';
import { measureLag } from '../../src/rush/aftermath.ts';
import { createCrowd } from '../../src/rush/crowd.ts';
import type { EngineApi } from '../../src/rush/engine-api.ts';
import { prepare } from '../../src/rush/prepare.ts';
import { programOf } from '../../src/rush/program.ts';
import { silent } from '../../src/rush/progress.ts';
import type { TokenFor } from '../../src/rush/tokens.ts';
import { eachOnce, isCreated, runLoad } from '../http/load.ts';
import type { EngineUnderTest } from '../support/engine.ts';
import {
  CATEGORY,
  type IsExpected,
  isOk,
  isQueued,
  isSoldOut,
  orderBytes,
  PRICE_MINOR,
  type Seller,
  visitBytes,
} from './seller.ts';

const SEATS_PER_ROW = 40;
const ROWS_PER_SECTION = 25;
/** Long enough for nothing to expire while it is measured. */
const PAYMENT_TTL_MS = 3_600_000;
const SETTLED_WITHIN_MS = 300_000;
const SETTLED_POLL_MS = 50;
const MS_PER_SECOND = 1_000;

export type ModeOptions = {
  readonly engine: EngineUnderTest;
  readonly connections: number;
  readonly tokenFor: TokenFor;
  readonly api: EngineApi;
  /** Every buyer has ordered elsewhere a moment ago, so that the engine knows whom they may order for. */
  readonly knownBuyers: boolean;
};

export const engineSeller = (
  name: 'v3' | 'v4',
  { engine, connections, tokenFor, api, knownBuyers }: ModeOptions,
): Seller => {
  const port = Number(new URL(engine.url).port);
  const path = `/orders/${name}`;
  const isAccepted = name === 'v4' ? isQueued : isCreated;
  const send = (requests: readonly Buffer[], isExpected: IsExpected): Promise<number> =>
    runLoad({ port, connections, isExpected, take: eachOnce(requests) });
  return {
    ...{ name, port, connections, cpuMs: () => engine.cpuMs('engine'), isAccepted },
    // A gate that waits too long for Redis lets an order through, and then the sequencer refuses it.
    isSoldOut: (answer) => isSoldOut(answer) || (name === 'v4' && isQueued(answer)),
    open: async (seats, number) => {
      const party = { from: 1, to: 1 };
      // Buyers of their own for each sale: the engine has read nobody's account before.
      const crowd = createCrowd({ seed: number, buyers: 2 * seats, party, pay: 0, cancel: 0 });
      const { ids } = await prepare(api, crowd, connections, silent);
      const buyers = Array.from(crowd.arrivals, (buyer) => ({
        token: tokenFor(crowd.userId(buyer)),
        ticketUserIds: ids.of(buyer),
      }));
      const ordersOf = (programId: string) =>
        buyers.map((buyer) => orderBytes({ path, programId, ...buyer }));
      const programId = `bench-${name}-${number}`;
      await publish(api, programId, seats);
      await send(
        buyers.map(({ token }) => visitBytes(token)),
        isOk,
      );
      if (knownBuyers) {
        await publish(api, `${programId}-elsewhere`, 2 * seats);
        await send(ordersOf(`${programId}-elsewhere`), isAccepted);
        await settle(api, `${programId}-elsewhere`, 2 * seats);
      }
      const orders = ordersOf(programId);
      return {
        first: orders.slice(0, seats),
        late: orders.slice(seats),
        settle: () => settle(api, programId, seats),
      };
    },
  };
};

const publish = async (api: EngineApi, programId: string, seats: number): Promise<void> => {
  const party = { from: 1, to: 1 };
  const asked = {
    programId,
    title: programId,
    seats,
    party,
    paymentTtlMs: PAYMENT_TTL_MS,
    nowMs: Date.now(),
  };
  const program = programOf(asked);
  await api.publish({ ...program, plan: { ...program.plan, categories: [hallOf(seats)] } });
  await api.open(programId);
  await settle(api, programId, 0);
};

/** One category, so that all want the same. */
const hallOf = (seats: number) => {
  const rows = Math.ceil(seats / SEATS_PER_ROW);
  const sections = Array.from({ length: Math.ceil(rows / ROWS_PER_SECTION) }, (_, index) => ({
    name: `Section ${index + 1}`,
    rows: [
      {
        rows: `1-${Math.min(ROWS_PER_SECTION, rows - index * ROWS_PER_SECTION)}`,
        seats: `1-${SEATS_PER_ROW}`,
      },
    ],
  }));
  return { kind: 'seated', id: CATEGORY, name: { en: 'Hall' }, priceMinor: PRICE_MINOR, sections } as const;
};

/** Until so many places are given out, queued orders included, and every read model has seen it. */
const settle = async (api: EngineApi, programId: string, places: number): Promise<number> => {
  const startMs = performance.now();
  for (;;) {
    await measureLag(api);
    const { stock } = await api.program(programId).catch(() => ({ stock: [] }));
    if (stock.length > 0 && stock.reduce((sum, { held }) => sum + held, 0) === places) break;
    if (performance.now() - startMs > SETTLED_WITHIN_MS) {
      throw new Error(`${programId} did not come to ${places} held places: ${JSON.stringify(stock)}`);
    }
    await delay(SETTLED_POLL_MS);
  }
  return (performance.now() - startMs) / MS_PER_SECOND;
};
