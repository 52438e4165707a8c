/** A rush against an engine with its own stores: sold exactly, nobody wronged, also when all of it is killed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { dispatchModes } from '../../src/domain/shared/dispatch-mode.ts';
import { settlePort } from '../../src/embedded/port.ts';
import { type CheckOptions, runCheck } from '../../src/rush/check/index.ts';
import type { ModeReport } from '../../src/rush/rush.ts';
import { secretOf } from '../../src/secrets.ts';
import { brokenIn, type Incident, nothingBroken, rushThrough, type SmallRush } from '../e2e/rushing.ts';
import { type Engine, postgresUrlOf, startEngine, stopEngine, temporaryFolder } from '../support/engine.ts';

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

const rush = async (small: Omit<SmallRush, 'urls'>, incident?: Incident): Promise<readonly ModeReport[]> => {
  const key = secretOf(readConfig({ SEATLOG_DATA_DIR: folder.path }), 'SEATLOG_TOKEN_KEY');
  if (key === undefined) throw new Error('The engine keeps no token key.');
  const running = rushThrough(
    { keys: { token: key.bytes }, check: (asked) => runCheck({ ...stores, ...asked }) },
    { urls: [url], ...small },
    incident,
  );
  const [report] = await Promise.all([running.report, running.incident]);
  return report.modes;
};

describe('a rush', () => {
  it('sells, ends every hold and keeps every promise, in each of the four modes', async () => {
    const modes = await rush({
      ...{ modes: [...dispatchModes], seed: 1, seats: SEATS, buyers: BUYERS, tolerateRestarts: false },
    });
    expect(modes.map(({ mode }) => mode)).toEqual(dispatchModes);
    for (const mode of modes) {
      expect(brokenIn(mode)).toEqual(nothingBroken(mode));
      expect(mode.accepted).toBeGreaterThan(0);
      expect(mode.check?.orders).toBe(mode.accepted);
      expect(mode.ending).toMatchObject({ heldAfterwards: 0, capacity: SEATS });
      expect(mode.ending.sold).toBeGreaterThan(0);
    }
  });

  it('keeps every promise through an engine that is killed in the middle with its stores', async () => {
    const modes = await rush(
      { modes: ['v3'], seed: 2, seats: 800, buyers: 1_200 },
      { atShare: 0.2, happens: killAndRestart },
    );
    expect(modes.map(brokenIn)).toEqual(modes.map(nothingBroken));
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
