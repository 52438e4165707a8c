/** `seatlog projections` as a person sees it at a terminal: the bar, the question, Ctrl-C, and what is drawn over and over. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, describe, expect, it } from 'vitest';
import { runSeatlog } from '../../support/engine.ts';
import { atTerminal, hasTerminals, KEYS, type Terminal, WIDE } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';
import { CODES, certificateIn, useOperator } from './operator.ts';

/** Enough that one sees a bar move. */
const NOISE_EVENTS = 60_000;
const NARROW = { columns: 40, rows: 24 };
const BAR = /^tickets reading [█░]+ \d+% \| [\d,]+ events, [\d,]+\/s, \d+ s left$/;
/** What a terminal echoes. */
const INTERRUPTED = /^(?:\^C)?tickets: interrupted; the same command goes on with what was built\.$/;

const operator = useOperator(['--buyers', '20', '--seats', '20', '--pay-within', '2']);

const at = (args: readonly string[], size?: Parameters<typeof atTerminal>[2]): Terminal =>
  atTerminal(['projections', ...args], operator.settings(), size);
const shows = (terminal: Terminal, line: RegExp): boolean =>
  terminal.everShown().some((one) => line.test(one));
const reading = (terminal: Terminal) => until('it reads', () => shows(terminal, /^tickets reading .* \d+% /));
const text = (terminal: Terminal): string => terminal.screen().lines.join('\n');
/** As it was found. */
const expectRestored = (terminal: Terminal): void => {
  expect(terminal.screen()).toMatchObject({ isCursorVisible: true, isWrapping: true });
};
/** The path may be longer than a line of the screen. */
const certificateOn = (terminal: Terminal) => certificateIn(terminal.output());
const buildOf = async (name: string): Promise<number | undefined> => {
  const [row] = await operator.db.selectFrom('projection').select('build').where('name', '=', name).execute();
  return row?.build;
};

describe.skipIf(!hasTerminals)('a question at a terminal (skipped without util-linux)', () => {
  const QUESTION = /^Swap orders, so that what follows from the log is live\? \[y\/N\]/;

  beforeAll(async () => {
    await sql`
      update order_ set amount_minor = amount_minor + 1
      where order_number = (select min(order_number) from order_)
    `.execute(operator.db);
  });

  const asked = async (): Promise<Terminal> => {
    const terminal = at(['rebuild', 'orders']);
    await until('it asks', () => shows(terminal, QUESTION));
    return terminal;
  };
  const isDifferent = async (): Promise<boolean> => {
    const verified = runSeatlog(['projections', 'verify', 'orders'], operator.settings());
    return (await verified.exited).code !== CODES.ok;
  };

  it.each([
    ['n', 'n\r', CODES.bad],
    ['nothing', '\r', CODES.bad],
    ['something else', 'yeah\r', CODES.bad],
    ['Ctrl-D', KEYS.ctrlD, CODES.bad],
    ['Ctrl-C', KEYS.ctrlC, CODES.interrupted],
  ])('leaves what is live to whoever answers %s', async (_, answer, code) => {
    const build = await buildOf('orders');
    const terminal = await asked();
    terminal.type(answer);
    expect(await terminal.exited, terminal.output()).toBe(code);
    if (code === CODES.bad)
      expect(text(terminal)).toMatch(
        /^not_swapped: orders: nothing was swapped\.\norders: the same command goes on with what was built\./m,
      );
    else
      expect(text(terminal)).toMatch(
        /^orders: interrupted; the same command goes on with what was built\.$/m,
      );
    expectRestored(terminal);
    expect(await buildOf('orders')).toBe(build);
    expect(await operator.decisionsOf('orders')).toEqual([]);
  });

  it('shows the differences first, and y swaps', async () => {
    expect(await isDifferent()).toBe(true);
    const build = (await buildOf('orders')) ?? 0;
    const terminal = await asked();
    expect(text(terminal)).toMatch(/^orders: 1 difference[\s\S]*made by +\d+[\s\S]*\[y\/N\]/m);
    terminal.type('y\r');
    expect(await terminal.exited, terminal.output()).toBe(CODES.ok);
    expect(text(terminal)).toMatch(/\[y\/N\] y\n(?:orders .*100%.*\n)?[\s\S]*orders: swapped after/);
    expectRestored(terminal);
    expect(await buildOf('orders')).toBeGreaterThan(build);
    expect(await isDifferent()).toBe(false);
    expect(await operator.decisionsOf('orders')).toMatchObject([{ type: 'ProjectionRebuilt' }]);
  });

  it('is asked before a rollback too', async () => {
    const build = await buildOf('orders');
    const terminal = at(['rollback', 'orders']);
    await until('it asks', () => shows(terminal, /^Go back to the version of orders before\? \[y\/N\]/));
    terminal.type('n\r');
    expect(await terminal.exited, terminal.output()).toBe(CODES.bad);
    expect(await buildOf('orders')).toBe(build);
  });
});

describe.skipIf(!hasTerminals)('status at a terminal (skipped without util-linux)', () => {
  const TITLE = /^NAME +(?:.* )?STATE$/;
  const drawn = (terminal: Terminal, times: number) =>
    until(`it is drawn ${times} times`, () => terminal.output().split('\u001b[J').length > times);
  const leave = async (terminal: Terminal): Promise<void> => {
    terminal.type(KEYS.ctrlC);
    expect(await terminal.exited, terminal.output()).toBe(CODES.ok);
    expectRestored(terminal);
  };

  it.each([
    [
      'wide',
      WIDE,
      /^NAME +STORE +VERSION +BUILD +POSITION +LAG \(EVENTS\) +LAG \(MS\) +EVENTS\/S +STATE$/,
      10,
    ],
    ['narrow', NARROW, /^NAME +LAG \(EVENTS\) +STATE$/, 10],
    ['low', { columns: 80, rows: 6 }, TITLE, 5],
  ] as const)('is drawn in place on a %s one, until Ctrl-C', async (_, size, title, lines) => {
    const terminal = at(['status', '--watch'], size);
    await drawn(terminal, 2);
    const screen = terminal.screen();
    expect(screen.scrolled).toBe(0);
    expect(screen.lines[0]).toMatch(title);
    expect(screen.lines.filter((line) => TITLE.test(line))).toHaveLength(1);
    expect(screen.lines.filter((line) => line !== '')).toHaveLength(lines);
    for (const line of screen.lines.slice(1, lines))
      expect(line).toMatch(/^[a-z_]+ .* (?:running|catching up)$/);
    await leave(terminal);
  });

  it('says in its drawing what cannot be asked', async () => {
    const away = { ...operator.settings(), SEATLOG_EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' };
    const terminal = atTerminal(['projections', 'status', '--watch'], away);
    await drawn(terminal, 2);
    const { lines } = terminal.screen();
    expect(lines[0]).toMatch(TITLE);
    expect(lines.filter((line) => line.startsWith('eventstore_unavailable: '))).toHaveLength(1);
    await leave(terminal);
  });

  it('leaves out columns where it is asked once, and none for a pipe', async () => {
    const terminal = at(['status'], NARROW);
    expect(await terminal.exited, terminal.output()).toBe(CODES.ok);
    expect(terminal.screen().lines[0]).toMatch(/^NAME +LAG \(EVENTS\) +STATE$/);
  });
});

describe.skipIf(!hasTerminals)('a rebuild at a terminal (skipped without util-linux)', () => {
  beforeAll(() => operator.append('NoiseMade', `Noise-${randomUUID()}`, NOISE_EVENTS, { loud: true }));

  it('shows a bar with events, rate and time left, and ends full', async () => {
    const terminal = at(['rebuild', 'tickets']);
    expect(await terminal.exited, terminal.output()).toBe(CODES.ok);
    expect(shows(terminal, BAR), terminal.everShown().join('\n')).toBe(true);
    const [bar = '', ...lines] = terminal.screen().lines;
    expect(bar).toMatch(/^tickets swapping █+ 100% \| [\d,]+ events, [\d,]+\/s$/);
    expect(lines.join('\n')).toMatch(/^tickets: no difference.*\ntickets: swapped after/);
    expectRestored(terminal);
  });

  it.each([
    ['of 40 columns', NARROW, 39],
    ['that does not know its size', 'unknown', 79],
  ] as const)('keeps its bar in one line of a terminal %s', async (_, size, most) => {
    const terminal = at(['rebuild', 'tickets'], size);
    expect(await terminal.exited, terminal.output()).toBe(CODES.ok);
    const bars = terminal.everShown().filter((line) => / \d+%/.test(line));
    expect(bars.length).toBeGreaterThan(2);
    for (const bar of bars) expect(bar.length, bar).toBeLessThanOrEqual(most);
    expect(bars.some((bar) => / s left$/.test(bar))).toBe(true);
    const { lines } = terminal.screen();
    expect(lines.filter((line) => line.includes('%'))).toEqual([expect.stringMatching(/^tickets .*100%/)]);
    expect(lines[1]).toMatch(/^tickets: no difference/);
    expectRestored(terminal);
  });

  it('ends at Ctrl-C as it says, and the same command goes on', async () => {
    const build = await buildOf('tickets');
    const first = at(['rebuild', 'tickets']);
    await reading(first);
    first.type(KEYS.ctrlC);
    expect(await first.exited, first.output()).toBe(CODES.interrupted);
    expect(
      first
        .screen()
        .lines.filter((line) => line !== '')
        .at(-1),
    ).toMatch(INTERRUPTED);
    expectRestored(first);
    expect(await buildOf('tickets')).toBe(build);
    const second = at(['rebuild', 'tickets']);
    expect(await second.exited, second.output()).toBe(CODES.ok);
    expect(certificateOn(second).continuity.resumedAfter).toHaveLength(1);
  });

  it('ends at once at the second Ctrl-C, and leaves the terminal as it was', async () => {
    const terminal = at(['rebuild', 'tickets']);
    await reading(terminal);
    terminal.type(`${KEYS.ctrlC}${KEYS.ctrlC}`);
    expect(await terminal.exited, terminal.output()).toBe(CODES.interrupted);
    expectRestored(terminal);
  });

  it('begins anew where another release has left it, and says why', async () => {
    const first = at(['rebuild', 'tickets']);
    await reading(first);
    first.type(KEYS.ctrlC);
    expect(await first.exited, first.output()).toBe(CODES.interrupted);
    const build = 1 + ((await buildOf('tickets')) ?? 0);
    await sql`update ${sql.id(`tickets_${build}`, 'build')} set release = '0.0.9+abc'`.execute(operator.db);
    const second = at(['rebuild', 'tickets']);
    expect(await second.exited, second.output()).toBe(CODES.ok);
    const anew = `^tickets: begins anew: build ${build} was filled by half by another release \\(0\\.0\\.9\\+abc; this is \\d`;
    expect(second.screen().lines[0]).toMatch(new RegExp(anew));
    expect(certificateOn(second).continuity.resumedAfter).toEqual([]);
  });
});
