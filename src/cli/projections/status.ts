/** `seatlog projections status`: how far every read model is, how fast, and what keeps it. */
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import type { ProjectionSeen } from '../../engine/projections-seen.ts';
import { type StoreFlags, withStoreOptions } from '../running-stores.ts';
import { EXIT_CODES_HELP, exitCodes } from './exit.ts';
import type { LogTail } from './log-tail.ts';
import type { OpenStores } from './open.ts';
import { type Run, run, tell } from './run.ts';

const REDRAW_MS = 1_000;
/** The cursor to the top left, and everything from there on away. */
const CLEAR = '\u001b[H\u001b[J';

type Flags = StoreFlags & { readonly json: boolean; readonly watch: boolean };

const EXAMPLES = `
Examples:
  $ seatlog projections status
  $ seatlog projections status --watch          drawn again every second, until Ctrl-C
  $ seatlog projections status --json | jq '.projections[] | select(.state != "running")'

LAG (EVENTS) counts the events in the log that a projection wants and has not applied; with a + there are more.
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
    else console.log(await look(running, await openTail(running.stores), flags));
    return exitCodes.ok;
  });

/** A store that goes away is said and waited for: that is when somebody watches. Ends when the signal fires. */
const watch = async (running: Run, flags: Flags): Promise<void> => {
  const { signal, stores } = running;
  const isDrawn = process.stdout.isTTY === true && !flags.json;
  let tail = await openTail(stores);
  while (!signal.aborted) {
    try {
      tail ??= await openTail(stores);
      const text = await look(running, tail, flags);
      process.stdout.write(`${isDrawn ? CLEAR : ''}${text}\n`);
    } catch (error) {
      if (signal.aborted) return;
      await tell(error);
    }
    await delay(REDRAW_MS, undefined, { signal }).catch(() => undefined);
  }
};

/** What is to be printed. */
const look = async ({ stores, signal }: Run, tail: LogTail | undefined, flags: Flags): Promise<string> => {
  // Loaded on demand, as in `run`.
  const { seeProjections } = await import('../../engine/projections-seen.ts');
  const { renderStatus, statusAsJson, statusRow } = await import('./status-report.ts');
  const db = await stores.db();
  const redis = await stores.redis().catch(() => undefined);
  const seen = await seeProjections({ db, redis, nowMs: Date.now });
  const read = (await isRead(tail, leastOf(seen), signal)) ? tail : undefined;
  const nowMs = Date.now();
  const rows = seen.map((projection) =>
    statusRow(projection, read?.behind(projection.position, projection.handles), nowMs),
  );
  if (!flags.json) return renderStatus(rows);
  return JSON.stringify(statusAsJson(rows, read?.end(), nowMs), undefined, flags.watch ? 0 : 2);
};

const leastOf = (seen: readonly ProjectionSeen[]): bigint =>
  seen.reduce<bigint | undefined>(
    (least, { position }) => (least === undefined || position < least ? position : least),
    undefined,
  ) ?? -1n;

/** A log that cannot be read is said, and everything else is told all the same. */
const isRead = async (tail: LogTail | undefined, least: bigint, signal: AbortSignal): Promise<boolean> => {
  try {
    await tail?.look(least, signal);
    return tail !== undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    await tell(error);
    return false;
  }
};

/** Undefined, and a note, where the log is not to be reached: everything else can still be told. */
const openTail = async (stores: OpenStores): Promise<LogTail | undefined> => {
  const { createLogTail } = await import('./log-tail.ts');
  try {
    const store = await stores.eventStore();
    return createLogTail(store.readAllPage);
  } catch (error) {
    await tell(error);
    return undefined;
  }
};
