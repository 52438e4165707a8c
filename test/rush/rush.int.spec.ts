/**
 * A whole rush over HTTP against a counter: what the report says is what came, however rude the other
 * side is.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { createCrowd } from '../../src/rush/crowd.ts';
import type { RushOptions } from '../../src/rush/options.ts';
import { silent } from '../../src/rush/progress.ts';
import { renderReport } from '../../src/rush/report.ts';
import { type ModeReport, runRush } from '../../src/rush/rush.ts';
import { createTokens } from '../../src/rush/tokens.ts';
import { until } from '../support/until.ts';
import { type FakeEngine, type FakeOptions, startFakeEngine } from './fake-engine.ts';

const SEATS = 300;
const BUYERS = 1_500;
const deps = { tokenFor: createTokens(new Uint8Array(32)), progress: silent };
let engine: FakeEngine | undefined;

afterEach(() => engine?.close());

const start = async (change: Partial<FakeOptions> = {}): Promise<FakeEngine> => {
  engine = await startFakeEngine({ seats: SEATS, imports: true, ...change });
  return engine;
};

const options = ({ url }: FakeEngine, change: Partial<RushOptions> = {}): RushOptions => ({
  ...{ urls: [url], programId: undefined, seats: SEATS, buyers: BUYERS, modes: ['v3'], seed: 1 },
  connections: 16,
  ...{ pay: 0.8, cancel: 0.1, party: { from: 1, to: 4 }, paymentTtlMs: 1_000, tolerateRestarts: false },
  ...change,
});

const only = (modes: readonly ModeReport[]): ModeReport => {
  const [mode] = modes;
  if (mode === undefined || modes.length > 1) throw new Error(`${modes.length} modes were run, not one.`);
  return mode;
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

describe('a rush', () => {
  it('counts every buyer once, and every ticket and payment as the engine does', async () => {
    const fake = await start();
    const report = await runRush(options(fake), deps);
    const mode = only(report.modes);
    const { orders } = fake.seen;
    const count = (status: string) => [...orders.values()].filter((order) => order.status === status).length;

    expect(mode.requests).toBe(BUYERS);
    expect(mode.accepted + sum(mode.refused)).toBe(BUYERS);
    expect(mode.errors).toEqual({});
    expect(mode.accepted).toBe(orders.size);
    expect(mode).toMatchObject({ paid: count('paid'), cancelled: count('cancelled'), lag: { events: 0 } });
    expect(mode.left).toBe(mode.accepted - mode.paid - mode.cancelled);
    expect(mode.tickets).toBe([...orders.values()].reduce((tickets, order) => tickets + order.tickets, 0));
    expect(mode.soldOutAfterMs).not.toBeNull();
    expect(report).toMatchObject({ ok: true, preparation: { how: 'import', calls: BUYERS / 500 } });
    expect(report.preparation.people).toBe(fake.seen.people);
    expect(renderReport(report)).toMatch(/refused: sold_out +[\d,]+\n/);
  });

  it('adds ticket users one by one where it has to, and fewer at a time where they are too many', async () => {
    const one = await start({ imports: false });
    const byOne = await runRush(options(one, { buyers: 100 }), deps);
    expect(byOne.preparation).toMatchObject({ how: 'one by one', calls: one.seen.people });
    await one.close();

    const few = await start({ importMost: 130 });
    const byFew = await runRush(options(few, { buyers: 600 }), deps);
    expect(byFew.preparation).toMatchObject({ how: 'import', people: few.seen.people });
    expect(byFew.preparation.people).toBe(crowdOf(600));
  });

  it('asks for queued orders until they are decided', async () => {
    const fake = await start();
    const mode = only((await runRush(options(fake, { modes: ['v4'] }), deps)).modes);
    expect(mode.queued).toBe(fake.seen.orders.size);
    expect(mode.refused['abandoned']).toBeGreaterThan(0);
    expect(mode.accepted + (mode.refused['abandoned'] ?? 0)).toBe(mode.queued);
    expect(mode.decisionLatencyMs?.max).toBeGreaterThan(0);
  });

  it('comes again to a busy engine and counts it', async () => {
    const fake = await start({ busyEvery: 5 });
    const mode = only((await runRush(options(fake), deps)).modes);
    expect(mode.retries).toBeGreaterThan(BUYERS / 6);
    expect(mode.accepted + sum(mode.refused)).toBe(BUYERS);
  });

  it('outlives an engine that is killed and comes back, without a second order for anybody', async () => {
    const fake = await start();
    const restarting = restartOften(fake);
    const mode = only((await runRush(options(fake, { tolerateRestarts: true }), deps)).modes);
    await restarting;
    expect(fake.seen.lost).toBeGreaterThan(0);
    expect(mode.lost).toBeGreaterThan(0);
    expect(mode.errors).toEqual({});
    expect(mode.accepted + sum(mode.refused)).toBe(BUYERS);
    expect(mode.accepted).toBe(fake.seen.orders.size);
  });

  it('cannot be run where no engine answers', async () => {
    const fake = await start();
    await fake.close();
    await expect(runRush(options(fake), deps)).rejects.toThrow(/ECONNREFUSED/);
  });
});

/** As many as a crowd of so many buyers with the seed of these tests brings. */
function crowdOf(buyers: number): number {
  const crowd = createCrowd({ seed: 1, buyers, party: { from: 1, to: 4 }, pay: 1, cancel: 0 });
  return crowd.arrivals.reduce((total, buyer) => total + crowd.partyOf(buyer), 0);
}

/** Whenever twenty more orders have come, five times. */
async function restartOften(fake: FakeEngine): Promise<void> {
  for (let orders = 20; orders <= 100; orders += 20) {
    await until(`${orders} orders`, () => fake.seen.orders.size >= orders);
    await fake.restart();
  }
}
