/**
 * Every projection, of SQL and of Redis, is built anew and swapped while people order and pay: nobody notices, and
 * nothing is lost.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificate, certificateSchema } from '../../src/rebuild/certificate.ts';
import { runCheck } from '../../src/rush/check/index.ts';
import type { RushDeps } from '../../src/rush/rush.ts';
import { createTokens } from '../../src/rush/tokens.ts';
import { type Environment, runSeatlog, temporaryFolder } from '../support/engine.ts';
import { type EngineBeside, engineBeside, randomKeys } from '../support/engine-beside.ts';
import { useStores } from '../support/stores.ts';
import { brokenIn, nothingBroken, rushThrough } from './rushing.ts';

const SEATS = 300;
const BUYERS = 800;
const NAMES = [
  ...['programs', 'orders', 'sales_statistics', 'deadlines', 'payments', 'tickets', 'order_events'],
  ...['gate', 'order_statuses'],
];
const ASK_EVERY_MS = 5;
const MOST_A_SWAP_TAKES_MS = 1_000;

const stores = useStores();
const keys = randomKeys();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: EngineBeside;

beforeAll(async () => {
  folder = await temporaryFolder();
  engine = await engineBeside(stores, keys, { SEATLOG_LOG_LEVEL: 'warn' });
  await engine.start();
});

afterAll(async () => {
  await engine.stop();
  await folder.remove();
});

const check: RushDeps['check'] = (asked) =>
  runCheck({
    eventStoreUrl: stores.eventStoreUrl,
    postgresUrl: stores.postgresUrl,
    redisUrl: stores.redisUrl,
    ...asked,
  });

const settings = (): Environment => ({
  ...keys.settings,
  SEATLOG_DATA_DIR: folder.path,
  SEATLOG_POSTGRES_URL: stores.postgresUrl,
  SEATLOG_REDIS_URL: stores.redisUrl,
  SEATLOG_EVENTSTORE_URL: stores.eventStoreUrl,
});

const projections = async (...args: readonly string[]) => {
  const command = runSeatlog(['projections', ...args], settings());
  const { code } = await command.exited;
  return { code, output: command.output() };
};

/** What was answered, and how often, by people who browse and look after their orders until the signal comes. */
const browse = async (until: AbortSignal): Promise<ReadonlyMap<string, number>> => {
  const tokenFor = createTokens(keys.token);
  const operator = { Authorization: `Bearer ${tokenFor('operator', 'operator')}` };
  const buyer = { Authorization: `Bearer ${tokenFor('somebody')}` };
  const asked: readonly (readonly [path: string, headers: Readonly<Record<string, string>>])[] = [
    ['/programs?limit=20', {}],
    ['/programs/facets', {}],
    ['/orders?limit=20', buyer],
    ['/operations/projections', operator],
  ];
  const answers = new Map<string, number>();
  while (!until.aborted) {
    await Promise.all(
      asked.map(async ([path, headers]) => {
        const { status } = await fetch(engine.url + path, { headers });
        const answer = `${path} ${status}`;
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }),
    );
    await delay(ASK_EVERY_MS);
  }
  return answers;
};

const certificatesOf = (work: Certificate['work']): Certificate[] => {
  const path = join(folder.path, 'certificates');
  const names = readdirSync(path).filter((name) => name.includes(`-${work}-`));
  return names.map((name) => certificateSchema.parse(JSON.parse(readFileSync(join(path, name), 'utf8'))));
};

describe('every projection, rebuilt in the middle of a rush', () => {
  let rebuilt: Awaited<ReturnType<typeof projections>>;
  let answers: ReadonlyMap<string, number>;

  it('wrongs nobody who orders and pays meanwhile', async () => {
    const rebuild = async (): Promise<void> => {
      const over = new AbortController();
      const browsing = browse(over.signal);
      // Without --yes: a version that differs from the live one would not be swapped in.
      rebuilt = await projections('rebuild', 'all').finally(() => over.abort());
      answers = await browsing;
    };
    const small = {
      urls: [engine.url],
      seats: SEATS,
      buyers: BUYERS,
      modes: ['v3', 'v1', 'v4', 'v2'] as const,
    };
    const running = rushThrough(
      { keys, check },
      { ...small, modes: [...small.modes], seed: 1 },
      {
        atShare: 0.1,
        happens: rebuild,
      },
    );
    const [report] = await Promise.all([running.report, running.incident]);
    expect(report.modes.map(brokenIn)).toEqual(report.modes.map(nothingBroken));
    expect(report.modes.map(({ lost }) => lost)).toEqual([0, 0, 0, 0]);
  });

  it('fails no query', () => {
    expect([...answers.keys()].sort()).toEqual([
      '/operations/projections 200',
      '/orders?limit=20 200',
      '/programs/facets 200',
      '/programs?limit=20 200',
    ]);
  });

  it('finds old and new version equal, and takes less than a second to swap them', () => {
    expect(rebuilt).toMatchObject({ code: 0 });
    const waits = [...rebuilt.output.matchAll(/^(\w+): swapped after .* waited for (\d+) ms/gm)];
    expect(waits.map(([, name]) => name).sort()).toEqual([...NAMES].sort());
    for (const [, name, ms] of waits) {
      expect(Number(ms), name).toBeLessThan(MOST_A_SWAP_TAKES_MS);
    }
  });

  it('vouches for it with certificates that name no difference and nothing left out', () => {
    const certificates = certificatesOf('rebuild');
    expect(certificates.map(({ projection }) => projection).sort()).toEqual([...NAMES].sort());
    for (const { projection, differences, events, skips } of certificates) {
      expect({ projection, differences, skips }).toEqual({ projection, differences: 0, skips: [] });
      expect(Object.keys(events.applied).length, projection).toBeGreaterThan(0);
    }
  });

  it('leaves what a fresh fold of the log says', async () => {
    expect(await projections('verify')).toMatchObject({ code: 0 });
    const certificates = certificatesOf('verify');
    expect(certificates.map(({ projection }) => projection).sort()).toEqual([...NAMES].sort());
    expect(certificates.map(({ differences }) => differences)).toEqual(NAMES.map(() => 0));
  });

  it('has made the engine log no error', () => {
    expect(engine.errors()).toEqual([]);
  });
});
