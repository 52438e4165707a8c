/** `seatlog projections` as an operator runs it, beside an engine that works: what it finds, mends, records and exits with. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { type Environment, runSeatlog } from '../../support/engine.ts';
import { until } from '../../support/until.ts';
import { CODES, certificateIn, useOperator } from './operator.ts';

const NOISE_EVENTS = 60_000;
const SQL_NAMES = [
  'programs',
  'orders',
  'sales_statistics',
  'deadlines',
  'payments',
  'tickets',
  'order_events',
];
const NAMES = [...SQL_NAMES, 'gate', 'order_statuses'];

const operator = useOperator(['--buyers', '80', '--seats', '60', '--pay-within', '2', '--pay', '0.5']);

const begin = (args: readonly string[], change: Environment = {}) => {
  const command = runSeatlog(['projections', ...args], { ...operator.settings(), ...change });
  let stdout = '';
  command.process.stdout?.on('data', (text: string) => {
    stdout += text;
  });
  const ended = async () => ({ ...(await command.exited), stdout, output: command.output() });
  return { ...command, stdout: () => stdout, ended };
};
const projections = (...args: readonly string[]) => begin(args).ended();

type Row = {
  readonly name: string;
  readonly state: string;
  readonly build: number | null;
  readonly lagEvents: number;
  readonly lagEventsExact: boolean;
  readonly position: string | null;
  readonly stoppedAt: { readonly position: string; readonly type: string } | null;
};
const statusNow = async (): Promise<readonly Row[]> => {
  const { stdout } = await projections('status', '--json');
  return (JSON.parse(stdout) as { projections: Row[] }).projections;
};
const rowOf = async (name: string): Promise<Row> => {
  const row = (await statusNow()).find((one) => one.name === name);
  if (row === undefined) throw new Error(`There is no row for ${name}.`);
  return row;
};
const untilCaughtUp = (): Promise<void> =>
  until('nothing is behind', async () => (await statusNow()).every(({ lagEvents }) => lagEvents === 0));

describe('status', () => {
  it('shows every read model in a table, caught up and running', async () => {
    await untilCaughtUp();
    const { code, stdout } = await projections('status');
    expect(code).toBe(CODES.ok);
    const [title, ...lines] = stdout.trimEnd().split('\n');
    expect(title).toMatch(/^NAME +STORE +VERSION +BUILD +POSITION/);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(NAMES);
    for (const line of lines) expect(line).toMatch(/ +0 +0 +[\d-]+ +running$/);
  });

  it('says the same as JSON, and counts exactly', async () => {
    const rows = await statusNow();
    expect(rows.map(({ name }) => name)).toEqual(NAMES);
    for (const row of rows) expect(row).toMatchObject({ state: 'running', lagEventsExact: true });
    expect(rows.slice(0, SQL_NAMES.length).every(({ build }) => build === 1)).toBe(true);
  });

  it('goes on until it is interrupted, and then ends well', async () => {
    const watching = begin(['status', '--watch', '--json']);
    await until('it has looked twice', () => watching.stdout().split('\n').length > 2);
    watching.process.kill('SIGINT');
    const { code, stdout } = await watching.ended();
    expect(code).toBe(CODES.ok);
    for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toHaveProperty('projections');
  });

  it('ends when nobody reads it any more', async () => {
    const watching = begin(['status', '--watch']);
    await until('it has looked', () => watching.stdout() !== '');
    watching.process.stdout?.destroy();
    expect(await watching.exited).toMatchObject({ code: CODES.ok });
  });
});

describe('what was changed by hand', () => {
  it('is not there at first', async () => {
    await untilCaughtUp();
    const { code, output } = await projections('verify');
    expect([code, output]).toEqual([CODES.ok, expect.stringContaining('gate: no difference')]);
    for (const name of NAMES) expect(output).toContain(`${name}: no difference`);
    const { code: jsonCode, stdout } = await projections('verify', 'orders', '--json');
    expect(jsonCode).toBe(CODES.ok);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      projections: [{ name: 'orders', store: 'sql', differences: { count: 0 } }],
    });
  });

  it('is found by name, in SQL and in Redis', async () => {
    const { rows } = await sql<{ order_number: string }>`
      update order_ set amount_minor = amount_minor + 1
      where order_number = (select min(order_number) from order_) returning order_number
    `.execute(operator.db);
    const order = rows[0]?.order_number;
    expect(order).toBeDefined();
    // Of a buyer: the gate's own projector mends its stock within a second.
    const [buyers = ''] = await operator.redis.keys('seatlog:gate:{*}:buyers');
    const [buyer = ''] = (await operator.redis.hkeys(buyers)).filter((name) => /^[0-9a-f]{16}$/.test(name));
    await operator.redis.hincrby(buyers, buyer, 1);
    const { code, stdout } = await projections('verify');
    expect(code).toBe(CODES.bad);
    expect(stdout).toMatch(new RegExp(`order_ .*${order}\\n +live .*\\n +expected .*\\n +made by +\\d+`));
    expect(stdout).toMatch(
      new RegExp(`buyers .*${buyer}\\n +live +\\d+\\n +expected +\\d+\\n +made by +\\d+`),
    );
  });

  it('stays as it is where nobody says that it may be replaced', async () => {
    const { code, output } = await projections('rebuild', 'orders');
    expect([code, output]).toEqual([
      CODES.bad,
      expect.stringMatching(/nothing was swapped; run again with --yes\.\n.*goes on.* --discard\n$/),
    ]);
    expect(await operator.decisionsOf('orders')).toEqual([]);
  });

  it('leaves what was built for the next rebuild, or is rid of it', async () => {
    const dropped = await projections('rebuild', 'orders', '--discard');
    expect([dropped.code, dropped.stdout]).toEqual([
      CODES.ok,
      'orders: what a rebuild had left was dropped.\n',
    ]);
  });

  it('is mended by a rebuild, which the log records', async () => {
    const orders = await projections('rebuild', 'orders', '--yes', '--by', 'olga');
    expect([orders.code, orders.output]).toEqual([CODES.ok, expect.stringContaining('orders: swapped')]);
    const certificate = certificateIn(orders.output);
    expect(certificate).toMatchObject({ projection: 'orders', work: 'rebuild', differences: 1 });
    expect(await operator.decisionsOf('orders')).toMatchObject([
      {
        type: 'ProjectionRebuilt',
        data: { projection: 'orders', store: 'sql', position: certificate.to, differences: 1 },
      },
    ]);
    const gate = await projections(
      'rebuild',
      'gate',
      '--yes',
      '--certificate',
      join(operator.folder, 'gate.json'),
    );
    expect([gate.code, gate.output]).toEqual([
      CODES.ok,
      expect.stringContaining(join(operator.folder, 'gate.json')),
    ]);
    expect(certificateIn(gate.output)).toMatchObject({ projection: 'gate', store: 'redis' });
    expect((await projections('verify')).code).toBe(CODES.ok);
  });

  it('comes back with the version before, for whoever goes back to it', async () => {
    const asked = await projections('rollback', 'orders');
    expect([asked.code, asked.output]).toEqual([CODES.bad, expect.stringContaining('not_swapped: ')]);
    const { code, output } = await projections('rollback', 'orders', '--yes');
    expect([code, output]).toEqual([CODES.ok, expect.stringContaining('build 1 is live again')]);
    expect((await operator.decisionsOf('orders')).at(-1)).toMatchObject({
      type: 'ProjectionRolledBack',
      data: { build: 1 },
    });
    expect((await projections('verify', 'orders')).code).toBe(CODES.bad);
    expect((await projections('rebuild', 'orders', '--yes')).code).toBe(CODES.ok);
    const never = await projections('rollback', 'programs', '--yes');
    expect([never.code, never.output]).toEqual([CODES.bad, expect.stringMatching(/^no_earlier_version: /)]);
  });
});

describe('an event that cannot be applied', () => {
  const reason = 'written by hand, by mistake';
  /** Asked of SQL: a command takes a second to start. */
  const isStopped = async (): Promise<boolean> => {
    const row = operator.db.selectFrom('projection').select('stopped').where('name', '=', 'programs');
    return (await row.executeTakeFirst())?.stopped !== null;
  };
  let position = '';

  it('stops the read model that wants it, and status says where and why', async () => {
    await operator.append('DispatchModeChanged', `Program-${randomUUID()}`, 1, { split: 'nonsense' });
    await until('it has stopped', isStopped);
    const { stoppedAt } = await rowOf('programs');
    expect(stoppedAt).toMatchObject({
      type: 'DispatchModeChanged',
      error: expect.stringContaining('corrupt'),
    });
    position = stoppedAt?.position ?? '';
    const { stdout } = await projections('status');
    expect(stdout).toMatch(/^programs .* 1 +[\d,]+ .* stopped$/m);
    expect(stdout).toContain(`programs: stopped at DispatchModeChanged, Program-`);
    expect(stdout).toContain(`position ${position}: `);
  });

  it('stops it again when it is tried again', async () => {
    const { code, output } = await projections('retry', 'programs');
    expect([code, output]).toEqual([CODES.ok, 'programs tries its event again.\n']);
    await until('it has stopped', isStopped);
  });

  it('cannot be left out of a rebuild before somebody says so', async () => {
    const { code, output } = await projections('rebuild', 'programs', '--yes');
    expect([code, output]).toEqual([CODES.bad, expect.stringContaining('event_cannot_be_applied: ')]);
  });

  it('is skipped only at the position where it is', async () => {
    const { code, output } = await projections('skip', 'programs', '--position', '7', '--reason', reason);
    expect(code).toBe(CODES.bad);
    expect(output).toBe(
      `projection_stopped_elsewhere: programs stands at position ${position} ` +
        `(DispatchModeChanged at ${/at (Program-\S+)\)/.exec(output)?.[1]}).\n`,
    );
    expect(await operator.decisionsOf('programs')).toEqual([]);
  });

  it('is skipped for a reason, and the log says so', async () => {
    const args = ['--position', position, '--reason', reason, '--by', 'olga'];
    const { code, output } = await projections('skip', 'programs', ...args);
    expect([code, output]).toEqual([CODES.ok, expect.stringContaining('programs goes on without')]);
    await until('it runs', async () => !(await isStopped()));
    expect(await operator.decisionsOf('programs')).toMatchObject([
      { type: 'ProjectionEventSkipped', data: { projection: 'programs', position, reason } },
    ]);
    const again = await projections('skip', 'programs', ...args);
    expect([again.code, again.output]).toEqual([
      CODES.bad,
      'projection_not_stopped: programs is not stopped: there is nothing to skip.\n',
    ]);
  });

  it('is left out of a rebuild from then on, and the certificate names who said so', async () => {
    const { code, output } = await projections('rebuild', 'programs');
    expect([code, output]).toEqual([CODES.ok, expect.stringContaining('1 skipped')]);
    expect(certificateIn(output).skips).toEqual([
      { position, type: 'DispatchModeChanged', reason, actor: 'olga' },
    ]);
  });
});

describe('an interruption', () => {
  it('ends a rebuild in order, and the same command goes on with it', async () => {
    await operator.append('NoiseMade', `Noise-${randomUUID()}`, NOISE_EVENTS, { loud: true });
    const first = begin(['rebuild', 'tickets']);
    await until('it reads', () => first.output().includes('tickets: reading'));
    first.process.kill('SIGINT');
    const { code, output } = await first.ended();
    expect([code, output]).toEqual([
      CODES.interrupted,
      expect.stringContaining('interrupted; the same command goes on with what was built'),
    ]);
    const second = await projections('rebuild', 'tickets');
    expect(second.code, second.output).toBe(CODES.ok);
    const { continuity, events } = certificateIn(second.output);
    expect(continuity.resumedAfter).toHaveLength(1);
    // Up to where the live rows stand: the last events, which nobody wants, need not be among them.
    expect(events.ignored['NoiseMade']).toBeGreaterThan(NOISE_EVENTS / 2);
  });
});

describe.concurrent('a command that cannot be run', () => {
  it.each([
    [
      'a name that none has',
      ['verify', 'nobody'],
      'projection_not_found: There is no projection nobody. There are programs,',
    ],
    ['all, where one is meant', ['retry', 'all'], 'projection_not_found'],
    ['a skip without a position', ['skip', 'orders', '--reason', 'x'], '--position'],
    ['a skip without a reason', ['skip', 'orders', '--position', '7', '--reason', ' '], 'must be a line'],
    [
      'a position that is none',
      ['skip', 'orders', '--position', '-7', '--reason', 'x'],
      'must be a whole number',
    ],
    ['an actor that is none', ['retry', 'orders', '--by', 'a b'], 'must be 1 to 48'],
    ['one file for many certificates', ['verify', '--certificate', 'x.json'], '--certificate names one file'],
    ['an unknown option', ['status', '--nonsense'], 'unknown option'],
    ['two things at once', ['rebuild', 'orders', '--discard', '--yes'], 'cannot be used with'],
  ])('exits with 2 for %s', async (_, args, sentence) => {
    const { code, output } = await projections(...args);
    expect([code, output]).toEqual([CODES.usage, expect.stringContaining(sentence)]);
    expect(output).not.toContain('    at ');
  });

  it.each([
    [
      'SEATLOG_POSTGRES_URL',
      'postgres://seatlog:secret@127.0.0.1:1/seatlog',
      ['verify', 'orders'],
      'postgres',
    ],
    ['SEATLOG_REDIS_URL', 'redis://:secret@127.0.0.1:1', ['verify', 'gate'], 'redis'],
    ['SEATLOG_EVENTSTORE_URL', 'esdb://127.0.0.1:1?tls=false', ['verify', 'orders'], 'eventstore'],
  ])('exits with 3 where a store is away: %s', async (setting, url, args, name) => {
    const { code, output } = await begin(args, { [setting]: url }).ended();
    expect([code, output]).toEqual([
      CODES.notRun,
      expect.stringMatching(new RegExp(`^${name}_unavailable: .*\\n$`)),
    ]);
    expect(output).not.toContain('secret');
  });

  it('says so where the certificate cannot be written', async () => {
    const { code, output } = await projections('verify', 'deadlines', '--certificate', '/dev/null/x.json');
    expect([code, output]).toEqual([CODES.notRun, expect.stringContaining('certificate_not_written: ')]);
  });

  it('still shows what SQL knows where Redis and the log are away', async () => {
    const away = {
      SEATLOG_REDIS_URL: 'redis://127.0.0.1:1',
      SEATLOG_EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
    };
    const { code, stdout, output } = await begin(['status'], away).ended();
    expect(code).toBe(CODES.ok);
    expect(output).toContain('eventstore_unavailable: ');
    expect(stdout).toMatch(/^gate .* \? .* unavailable$/m);
    expect(stdout).toMatch(/^orders .* running$/m);
  });
});
