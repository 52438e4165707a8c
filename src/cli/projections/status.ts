/** `seatlog projections status`: how far every read model is, how fast, and what keeps it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { ProjectionSeen } from '../../engine/projections-seen.ts';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { EXIT_CODES_HELP, exitCodes } from './exit.ts';
import type { LogTail } from './log-tail.ts';
import type { OpenStores } from './open.ts';
import { inWords, type Run, run } from './run.ts';

const REDRAW_MS = 1_000;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
/** The cursor to the top left; what is right of it away; what is behind it away. */
const [HOME, CLEAR_LINE, CLEAR_REST] = ['\u001b[H', '\u001b[K', '\u001b[J'];

type Flags = StoreFlags & { readonly json: boolean; readonly watch: boolean };

const EXAMPLES = `
Examples:
  $ seatlog projections status
  $ seatlog projections status --watch          drawn again every second, until Ctrl-C
  $ seatlog projections status --json | jq '.projections[] | select(.state != "running")'

LAG (EVENTS) counts the events in the log that a projection wants and has not applied; with a + there are more.
On a terminal that is too narrow for all columns some are left out; --json has them all.
${EXIT_CODES_HELP}`;

export const statusCommand = (): Command =>
  withStoreOptions(new Command('status'))
    .description('version, position, lag, rate, state and last error of every projection')
    .option('--json', 'print JSON: one document, or one a line with --watch', false)
    .option('--watch', 'again every second', false)
    .addHelpText('after', EXAMPLES)
    .action(status);

const status = (flags: Flags): Promise<void> =>
  run(flags, async (running) => {
    if (flags.watch) await watch(running, flags);
    else print(await look(running, await openTail(running.stores), flags));
    return exitCodes.ok;
  });

type Look = {
  readonly lines: readonly string[];
  /** What could not be asked, in a sentence each. */
  readonly troubles: readonly string[];
};

const print = ({ lines, troubles }: Look): void => {
  for (const trouble of troubles) console.error(trouble);
  console.log(lines.join('\n'));
};

/** A store that goes away is said and waited for: that is when somebody watches. Ends when the signal fires. */
const watch = async (running: Run, flags: Flags): Promise<void> => {
  const { signal, stores } = running;
  const show = process.stdout.isTTY === true && !flags.json ? draw : print;
  let tail: Tail;
  while (!signal.aborted) {
    try {
      if (tail?.log === undefined) tail = await openTail(stores);
      show(await look(running, tail, flags));
    } catch (error) {
      if (signal.aborted) return;
      const { text } = await inWords(error);
      if (show === draw) draw({ lines: [], troubles: [text] });
      else console.error(text);
    }
    await delay(REDRAW_MS, undefined, { signal }).catch(() => undefined);
  }
};

/** Over what was drawn before, and never more than the screen holds: it would scroll. */
const draw = ({ lines, troubles }: Look): void => {
  // A terminal that does not know its size says 0.
  const { columns, rows } = process.stdout;
  const [width, height] = [columns || DEFAULT_COLUMNS, rows || DEFAULT_ROWS];
  const shown = [...lines, ...troubles].flatMap((line) => wrapped(line, width)).slice(0, height - 1);
  process.stdout.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_REST}`);
};

const wrapped = (line: string, width: number): readonly string[] =>
  line.length <= width ? [line] : [line.slice(0, width), ...wrapped(line.slice(width), width)];

const look = async ({ stores, signal }: Run, tail: Tail, flags: Flags): Promise<Look> => {
  // Loaded on demand, as in `run`.
  const { seeProjections } = await import('../../engine/projections-seen.ts');
  const { renderStatus, statusAsJson, statusRow } = await import('./status-report.ts');
  const db = await stores.db();
  const redis = await stores.redis().catch(() => undefined);
  const seen = await seeProjections({ db, redis, nowMs: Date.now });
  const { log, trouble } = await lookAtLog(tail, leastOf(seen), signal);
  const nowMs = Date.now();
  const rows = seen.map((projection) =>
    statusRow(projection, log?.behind(projection.position, projection.handles), nowMs),
  );
  const troubles = trouble === undefined ? [] : [trouble];
  if (!flags.json) return { lines: renderStatus(rows, widthOf(process.stdout)), troubles };
  const indent = flags.watch ? 0 : 2;
  return { lines: [JSON.stringify(statusAsJson(rows, log?.end(), nowMs), undefined, indent)], troubles };
};

/** Undefined where nobody says: a pipe or a file takes everything. */
const widthOf = ({ isTTY, columns }: NodeJS.WriteStream): number | undefined =>
  isTTY ? columns || DEFAULT_COLUMNS : undefined;

const leastOf = (seen: readonly ProjectionSeen[]): bigint =>
  seen.reduce<bigint | undefined>(
    (least, { position }) => (least === undefined || position < least ? position : least),
    undefined,
  ) ?? -1n;

/** Undefined before the first look. */
type Tail = { readonly log: LogTail | undefined; readonly trouble: string | undefined } | undefined;

/** A log that cannot be read is said, and everything else is told all the same. */
const lookAtLog = async (
  tail: Tail,
  least: bigint,
  signal: AbortSignal,
): Promise<Exclude<Tail, undefined>> => {
  if (tail?.log === undefined) return { log: undefined, trouble: tail?.trouble };
  try {
    await tail.log.look(least, signal);
    return { log: tail.log, trouble: undefined };
  } catch (error) {
    if (signal.aborted) throw error;
    return { log: undefined, trouble: (await inWords(error)).text };
  }
};

const openTail = async (stores: OpenStores): Promise<Tail> => {
  const { createLogTail } = await import('./log-tail.ts');
  try {
    const store = await stores.eventStore();
    return { log: createLogTail(store.readAllPage), trouble: undefined };
  } catch (error) {
    return { log: undefined, trouble: (await inWords(error)).text };
  }
};
