/** A rush against the real engine: sold exactly, nobody wronged, and also when the engine is killed in the middle. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { settlePort } from '../../src/embedded/port.ts';
import { type CheckOptions, runCheck } from '../../src/rush/check/index.ts';
import type { RushOptions } from '../../src/rush/options.ts';
import { type Progress, silent } from '../../src/rush/progress.ts';
import { type ModeReport, type RushReport, runRush } from '../../src/rush/rush.ts';
import { createTokens } from '../../src/rush/tokens.ts';
import { secretOf } from '../../src/secrets.ts';
import { type Engine, startEngine, stopEngine, temporaryFolder } from '../support/engine.ts';
import { postgresUrlOf } from '../support/stores.ts';

const SEATS = 120;
const BUYERS = 600;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let settings: Readonly<Record<string, string>>;
let engine: Engine;
let url: string;
let stores: Pick<CheckOptions, 'eventStoreUrl' | 'postgresUrl' | 'redisUrl'>;

/** On ports of its own that it has again after a restart. */
beforeAll(async () => {
  folder = await temporaryFolder();
  const ports: Record<string, string> = {};
  for (const name of ['HTTP', 'EMBEDDED_POSTGRES', 'EMBEDDED_REDIS', 'EMBEDDED_EVENTSTORE']) {
    ports[`SEATLOG_${name}_PORT`] = String(await settlePort(0, 'the port'));
  }
  settings = ports;
  engine = startEngine(folder.path, settings);
  const shown = await engine.ready();
  url = (shown['API'] ?? '').replace(/\/$/, '');
  stores = {
    eventStoreUrl: shown['Event store'] ?? '',
    postgresUrl: postgresUrlOf(folder.path, shown),
    redisUrl: shown['Redis'] ?? '',
  };
});

afterAll(async () => {
  await stopEngine(engine);
  await folder.remove();
});

const rush = (change: Partial<RushOptions>, progress: Progress = silent): Promise<RushReport> => {
  const key = secretOf(readConfig({ SEATLOG_DATA_DIR: folder.path }), 'SEATLOG_TOKEN_KEY');
  if (key === undefined) throw new Error('The engine keeps no token key.');
  const options: RushOptions = {
    ...{ urls: [url], programId: undefined, seats: SEATS, buyers: BUYERS, modes: ['v3'], seed: 1 },
    connections: 32,
    ...{ pay: 0.7, cancel: 0.1, party: { from: 1, to: 4 }, paymentTtlMs: 10_000, tolerateRestarts: false },
    ...change,
  };
  return runRush(options, {
    tokenFor: createTokens(key.bytes),
    progress,
    check: (asked) => runCheck({ ...stores, ...asked }),
  });
};

const brokenIn = ({ check }: ModeReport) => check?.findings.filter(({ ok }) => !ok);

describe('a rush', () => {
  it('sells, ends every hold and keeps every promise, in each of the four modes', async () => {
    const { modes } = await rush({ modes: ['v1', 'v2', 'v3', 'v4'] });
    expect(modes.map(({ mode }) => mode)).toEqual(['v1', 'v2', 'v3', 'v4']);
    for (const mode of modes) {
      expect(brokenIn(mode)).toEqual([]);
      expect(mode.accepted).toBeGreaterThan(0);
      expect(mode.check?.orders).toBe(mode.accepted);
      expect(mode.ending).toMatchObject({ heldAfterwards: 0, capacity: SEATS });
      expect(mode.ending.sold).toBeGreaterThan(0);
    }
  });

  it('keeps every promise through an engine that is killed in the middle', async () => {
    const { progress, done } = after(200, killAndRestart);
    const [{ modes, ok }] = await Promise.all([
      rush({ seed: 2, buyers: 1_500, seats: 1_000, tolerateRestarts: true }, progress),
      done,
    ]);
    expect(modes.map(brokenIn)).toEqual([[]]);
    expect(ok).toBe(true);
    expect(modes[0]?.lost).toBeGreaterThan(0);
    expect(modes[0]?.ending.heldAfterwards).toBe(0);
  });
});

/** With kill -9, and started again at once. */
async function killAndRestart(): Promise<void> {
  engine.process.kill('SIGKILL');
  await engine.exited;
  engine = startEngine(folder.path, settings);
  await engine.ready();
}

/** Runs `then` once so many buyers have their answer. */
function after(answers: number, then: () => Promise<void>): { progress: Progress; done: Promise<void> } {
  let begin = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    begin = resolve;
  }).then(then);
  const update = (count: number): void => {
    if (count >= answers) begin();
  };
  const phase: Progress['phase'] = (name, total) =>
    name.startsWith('rush') ? { ...silent.phase(name, total), update } : silent.phase(name, total);
  return { progress: { ...silent, phase }, done };
}
