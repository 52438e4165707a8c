/** The load generator's own arithmetic: turns, patience, percentiles, and what is kept waiting. */
import { describe, expect, it } from 'vitest';
import { createTokenVerifier } from '../../src/api/identity.ts';
import { closedLoop } from '../../src/rush/closed-loop.ts';
import { startFollowUps, type Task } from '../../src/rush/follow-ups.ts';
import { type Answer, ConnectionLost } from '../../src/rush/http.ts';
import { insist, type Patience } from '../../src/rush/insist.ts';
import { createLatencies } from '../../src/rush/latencies.ts';
import { createTally } from '../../src/rush/tally.ts';
import { createTokens } from '../../src/rush/tokens.ts';

describe('a closed loop', () => {
  it('takes every turn once, and never more at a time than it has workers', async () => {
    const taken: number[] = [];
    let atOnce = 0;
    let most = 0;
    await closedLoop(100, 8, async (turn) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      taken.push(turn);
      await Promise.resolve();
      atOnce -= 1;
    });
    expect(taken.sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, turn) => turn));
    expect(most).toBe(8);
  });

  it('stops at the first error and tells it', async () => {
    let turns = 0;
    const looping = closedLoop(1_000, 4, async (turn) => {
      turns += 1;
      if (turn === 10) throw new Error('turn 10');
    });
    await expect(looping).rejects.toThrow('turn 10');
    expect(turns).toBeLessThan(20);
  });
});

type Step = number | 'lost' | { readonly status: number; readonly retryAfterMs?: number };

/** An engine that answers these, and the last one from then on. */
function scripted(steps: readonly Step[]) {
  let calls = 0;
  const keys: (string | undefined)[] = [];
  return {
    keys,
    calls: () => calls,
    send: async ({ idempotencyKey }: { idempotencyKey?: string }): Promise<Answer> => {
      const step = steps[Math.min(calls, steps.length - 1)] ?? 200;
      calls += 1;
      keys.push(idempotencyKey);
      if (step === 'lost') throw new ConnectionLost('gone');
      const { status, retryAfterMs } = typeof step === 'number' ? { status: step } : step;
      return { status, body: {}, retryAfterMs };
    },
  };
}

/** A clock that moves by what is slept. */
function patience(tolerateRestarts: boolean) {
  const slept: number[] = [];
  const retries: string[] = [];
  const own: Patience = {
    tolerateRestarts,
    onRetry: (why) => retries.push(why),
    sleep: async (ms) => {
      slept.push(ms);
    },
    nowMs: () => slept.reduce((sum, ms) => sum + ms, 0),
  };
  return { ...own, slept, retries };
}

const REQUEST = { method: 'POST', path: '/orders', idempotencyKey: 'key' } as const;

describe('a request', () => {
  it('waits as long as a busy engine asks for, and no longer than ten seconds', async () => {
    const engine = scripted([
      { status: 503, retryAfterMs: 2_000 },
      { status: 429, retryAfterMs: 99_000 },
      503,
      201,
    ]);
    const waiting = patience(false);
    expect((await insist(engine, REQUEST, waiting)).status).toBe(201);
    expect(waiting.slept).toEqual([2_000, 10_000, 1_000]);
    expect(waiting.retries).toEqual(['busy', 'busy', 'busy']);
  });

  it('takes a busy answer for the last one after thirty', async () => {
    const engine = scripted([503]);
    expect((await insist(engine, REQUEST, patience(false))).status).toBe(503);
    expect(engine.calls()).toBe(31);
  });

  it('survives a connection that is closed under it, and not an engine that is gone', async () => {
    expect((await insist(scripted(['lost', 'lost', 201]), REQUEST, patience(false))).status).toBe(201);
    await expect(insist(scripted(['lost']), REQUEST, patience(false))).rejects.toThrow(ConnectionLost);
  });

  it('waits minutes for an engine that may restart, with the same key, and then gives up', async () => {
    const back = scripted([...Array.from({ length: 100 }, () => 'lost' as const), 201]);
    expect((await insist(back, REQUEST, patience(true))).status).toBe(201);
    expect(new Set(back.keys)).toEqual(new Set(['key']));
    const waiting = patience(true);
    await expect(insist(scripted(['lost']), REQUEST, waiting)).rejects.toThrow(ConnectionLost);
    expect(waiting.nowMs?.()).toBeGreaterThanOrEqual(180_000);
  });

  it('is not repeated for a refusal', async () => {
    const engine = scripted([409]);
    await insist(engine, REQUEST, patience(true));
    expect(engine.calls()).toBe(1);
  });
});

describe('latencies', () => {
  it('are told by percentile, to three digits', () => {
    const latencies = createLatencies();
    for (let ms = 1; ms <= 1_000; ms += 1) latencies.record(ms);
    const { p50, p90, p99, p999, max } = latencies.measured();
    const expected = [500, 900, 990, 999, 1_000];
    for (const [index, value] of [p50, p90, p99, p999, max].entries()) {
      expect(Math.abs(value / (expected[index] ?? 1) - 1)).toBeLessThan(0.002);
    }
  });

  it('are corrected for the requests that a stalled loop did not send', () => {
    const latencies = createLatencies();
    for (let count = 0; count < 999; count += 1) latencies.record(1);
    latencies.record(1_000);
    expect(latencies.measured().p99).toBeCloseTo(1, 1);
    // The mean is 2 ms, so the stall stands for 500 requests that waited for 2, 4, … 1,000 ms.
    expect(latencies.corrected().p90).toBeGreaterThan(500);
    expect(latencies.corrected().max).toBeCloseTo(1_000, -1);
  });

  it('are zero where there are none', () => {
    expect(createLatencies().corrected()).toEqual({ p50: 0, p90: 0, p99: 0, p999: 0, max: 0 });
  });
});

describe('a tally', () => {
  it('tells rates over the stampede and when the last place was given out', () => {
    const tally = createTally(4);
    tally.start(1_000);
    for (const atMs of [1_500, 2_000]) {
      tally.answered(3);
      tally.accepted(2, atMs);
    }
    for (let count = 0; count < 6; count += 1) {
      tally.answered(1);
      tally.refused('sold_out');
    }
    tally.refused('limit_per_buyer');
    tally.end(5_000);
    expect(tally.report()).toMatchObject({
      ...{ accepted: 2, tickets: 4, stampedeMs: 4_000, soldOutAfterMs: 1_000 },
      ...{ answeredPerSecond: 2, acceptedPerSecond: 2, decisionLatencyMs: null },
    });
    expect(Object.entries(tally.report().refused)).toEqual([
      ['sold_out', 6],
      ['limit_per_buyer', 1],
    ]);
  });
});

describe('follow-ups', () => {
  const task = (orderNumber: string, dueInMs = 0): Task => ({
    ...{ kind: 'poll', buyer: 0, orderNumber, orderedAtMs: performance.now() },
    dueAtMs: performance.now() + dueInMs,
  });

  it('are done in order, those they lead to as well, before they are finished', async () => {
    const done: string[] = [];
    const followUps = startFollowUps(1, async ({ orderNumber }) => {
      done.push(orderNumber);
      if (orderNumber === '1') followUps.add(task('4', 30));
    });
    for (const number of ['1', '2', '3']) followUps.add(task(number));
    await followUps.finish();
    expect(done).toEqual(['1', '2', '3', '4']);
    expect(followUps.waiting()).toBe(0);
  });

  it('keep their count over many thousands', async () => {
    let done = 0;
    const followUps = startFollowUps(8, async () => {
      done += 1;
    });
    for (let count = 0; count < 20_000; count += 1) followUps.add(task(String(count)));
    await followUps.finish();
    expect(done).toBe(20_000);
  });
});

describe('a token', () => {
  const key = new Uint8Array(32).fill(7);
  const verify = createTokenVerifier({ key });

  it('is one that the engine takes, for a buyer and for an operator', async () => {
    const tokenFor = createTokens(key);
    expect(await verify(tokenFor('rush-1-2'))).toEqual({
      kind: 'verified',
      identity: { userId: 'rush-1-2', scopes: new Set() },
    });
    expect(await verify(tokenFor('boss', 'operator'))).toMatchObject({
      identity: { scopes: new Set(['operator']) },
    });
  });

  it('is the same each time, so that the engine verifies it once', () => {
    let nowMs = 1_000_000;
    const tokenFor = createTokens(key, () => nowMs);
    const first = tokenFor('rush-1-2');
    nowMs += 60_000;
    expect(tokenFor('rush-1-2')).toBe(first);
  });
});
