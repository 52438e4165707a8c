/** The README's way to a ticket, word for word: who follows it gets one, in every mode. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dispatchModes } from '../../src/domain/shared/dispatch-mode.ts';
import { settlePort } from '../../src/embedded/port.ts';
import { type Engine, runSeatlog, startEngine, stopEngine, temporaryFolder } from '../support/engine.ts';
import { until } from '../support/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const START = 'script/start';
/** The mode that the block shows; the README says that the others differ by this path. */
const SHOWN_PATH = '/orders/v3';
const ORDERED = /^ORDER=.*$/m;
const CODE = /^[\w-]{100,}$/;
const SECOND_MS = 1_000;
const openApi = z.object({ paths: z.record(z.string(), z.unknown()) });
const homeAnswer = z.object({ links: z.record(z.string(), z.string()) });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let engine: Engine;
let settings: Readonly<Record<string, string>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const ports: Record<string, string> = {};
  for (const name of ['HTTP', 'EMBEDDED_POSTGRES', 'EMBEDDED_REDIS', 'EMBEDDED_EVENTSTORE']) {
    ports[`SEATLOG_${name}_PORT`] = String(await settlePort(0, 'the port'));
  }
  engine = startEngine(folder.path, ports);
  await engine.ready();
  settings = { ...ports, SEATLOG_DATA_DIR: folder.path };
});

afterAll(async () => {
  await stopEngine(engine);
  await folder.remove();
});

/** The shell blocks of a section, in order. */
async function blocksOf(title: string): Promise<readonly string[]> {
  const section = await sectionOf(title);
  return [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text);
}

async function sectionOf(title: string): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  return readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';
}

async function blocks(): Promise<{ readonly buying: string; readonly waiting: string }> {
  const [buying = '', waiting = ''] = await blocksOf('Buy a ticket');
  return { buying, waiting };
}

/** Runs in one shell, as a person's terminal would. Rejects with what it printed when a line fails. */
async function shell(script: string): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', ['-e', '-u', '-o', 'pipefail', '-c', script], {
    cwd: ROOT,
    env: { ...process.env, ...settings },
    timeout: 60 * SECOND_MS,
  });
  return stdout;
}

describe('the README', () => {
  it('buys a ticket in under ten lines of shell, the first of which starts the engine', async () => {
    const { buying } = await blocks();
    const lines = buying.trimEnd().split('\n');
    expect(lines[0]).toMatch(new RegExp(`^${START}\\b`));
    expect(lines.length).toBeLessThan(10);
    expect(buying).toContain(SHOWN_PATH);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(130);
  });

  it.each(dispatchModes)('leads to a ticket that is genuine, in mode %s', async (mode) => {
    const { buying, waiting } = await blocks();
    const bought = buying
      .replace(new RegExp(`^${START}.*\n`), '')
      .replace(SHOWN_PATH, `/orders/${mode}`)
      .replace(ORDERED, (ordering) => (mode === 'v4' ? `${ordering}\n${waiting}` : ordering));
    const printed = await shell(`${bought}\necho; ann $API/orders/$ORDER/tickets | field tickets[0].code`);
    expect(printed).toContain('The ticket is genuine.');
    const code = printed.trimEnd().split('\n').at(-1) ?? '';
    expect(code).toMatch(CODE);
    // Of a terminal that knows nothing but the key.
    const key = runSeatlog(['ticket', 'key'], settings);
    await key.exited;
    const door = runSeatlog(['ticket', 'verify', code, '--public-key', key.output().trim()]);
    expect(await door.exited).toMatchObject({ code: 0 });
  });

  it('names every endpoint, as far as a word of its path goes', async () => {
    const section = await sectionOf('The API');
    const description = await fetch(`http://127.0.0.1:${settings['SEATLOG_HTTP_PORT']}/openapi.json`);
    const paths = Object.keys(openApi.parse(await description.json()).paths);
    const words = new Set(paths.flatMap((path) => path.split('/').filter((word) => !word.startsWith('{'))));
    expect(words.size).toBeGreaterThan(20);
    expect([...words].filter((word) => !section.includes(word))).toEqual([]);
  });
});

describe('what a started engine prints', () => {
  it('has an address from which every link leads somewhere', async () => {
    const address = `http://127.0.0.1:${settings['SEATLOG_HTTP_PORT']}`;
    const { links } = homeAnswer.parse(await (await fetch(address)).json());
    expect(Object.keys(links)).toContain('/openapi.json');
    for (const path of Object.keys(links)) expect((await fetch(address + path)).status, path).toBe(200);
  });

  it('has a line for each mode that orders a ticket as it stands', async () => {
    await until('the lines are printed', () => printedLines().length === dispatchModes.length);
    for (const [nth, line] of printedLines().entries()) {
      const mode = dispatchModes[nth];
      const answer: unknown = JSON.parse(await shell(line));
      expect(answer).toMatchObject({ mode, status: mode === 'v4' ? 'queued' : 'awaiting_payment' });
    }
  });

  it('leads from there to read models that are built again, and to the proof of what happened', async () => {
    const { buying } = await blocks();
    const [rebuilding = ''] = await blocksOf('Read models, thrown away and built again');
    const [auditing = ''] = await blocksOf('What happened, and the proof');
    const report = join(folder.path, 'audit.json');
    const bought = buying.replace(new RegExp(`^${START}.*\n`), '');
    const printed = await shell(`${bought}\n${rebuilding}\n${auditing.replaceAll('audit.json', report)}`);
    expect(printed).toMatch(/^orders: swapped after/m);
    expect(printed).toMatch(/^orders: build 1 is live again/m);
    expect(printed).toContain('TicketsIssued');
    expect(printed).toContain('Every invariant is kept.');
    expect(printed).toContain('The report is genuine');
    expect(printed).toContain('What if demo-hall had been sold otherwise');
  });
});

const printedLines = (): readonly string[] =>
  engine
    .output()
    .split('\n')
    .filter((line) => line.startsWith('curl '));
