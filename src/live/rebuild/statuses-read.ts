/**
 * Reads the log for order statuses. One that was interrupted goes on from the last place up to which nothing that was read
 * had any order in it that is asked for: what the last day of the log says is read again, and only counted before.
 */
import { z } from 'zod';
import type { OrderNumber } from '../../domain/shared/ids.ts';
import { decodeNumber } from '../../domain/shared/order-number.ts';
import type { VersionsClient } from '../../gate/index.ts';
import { readLog } from '../../rebuild/log-pages.ts';
import type { WorkOptions } from '../../rebuild/rebuildable.ts';
import { createTally, type Tally } from '../../rebuild/tally.ts';
import { tallyStateSchema } from '../../rebuild/tally-state.ts';
import type { RedisRebuildDeps } from './deps.ts';
import { createKeptRead, type KeptRead, SAVED_EVERY_PAGES } from './kept-read.ts';
import { skipOf } from './log-of-sales.ts';
import { type StatusWindow, statusEventTypes } from './status-window.ts';

/** An order's number may be made so much before its first event, by whoever's clock: far more than it ever is. */
const NUMBER_LEAD_MS = 3_600_000;

const readSchema = z.strictObject({ tally: tallyStateSchema, recordedAtMs: z.number() });

export type StatusesRead = KeptRead<typeof readSchema>;

export const STATUS_PLACE = 'order_statuses';

export const createStatusesRead = (
  client: VersionsClient,
  code: { readonly version: number; readonly release: string },
): StatusesRead => createKeptRead(client, STATUS_PLACE, code, readSchema);

export type Reading = {
  readonly window: StatusWindow;
  /** Orders that are asked for however old they are. */
  readonly watched: ReadonlySet<OrderNumber>;
  readonly until: bigint;
  /** Left out where it is to be read from its start, and nothing kept. */
  readonly kept?: StatusesRead | undefined;
};

const handled = new Set<string>(statusEventTypes);

/** Everything up to and including `until` into the window. Rejects as `readLog` does. */
export const readStatuses = async (
  { store, nowMs, pageMaxEvents }: RedisRebuildDeps,
  { window, watched, until, kept }: Reading,
  { signal, onProgress }: WorkOptions,
): Promise<Tally> => {
  const before = await kept?.load();
  const isOfUse = before !== undefined && areBehind(watched, before.recordedAtMs);
  const from = isOfUse ? before.tally : undefined;
  const tally = createTally({ handles: statusEventTypes, startedAtMs: nowMs(), from });
  const reading = { after: tally.position(), until, signal, ...(pageMaxEvents && { pageMaxEvents }) };
  let pages = 0;
  for await (const page of readLog(store, reading)) {
    tally.sees(page);
    for (const event of page.events) {
      const problem = window.take(event);
      if (problem !== undefined) tally.skipped(skipOf(event, problem));
      else if (handled.has(event.type)) tally.applied(event.type);
    }
    onProgress({ phase: 'reading', events: tally.events(), position: page.position, until });
    pages += 1;
    const recordedAtMs = page.events.at(-1)?.recordedAtMs;
    if (pages % SAVED_EVERY_PAGES > 0 || recordedAtMs === undefined || !window.isUntouched()) continue;
    await kept?.save({ tally: tally.toJSON(), recordedAtMs });
  }
  return tally;
};

/** None of them has an event that was recorded by then. */
const areBehind = (orders: ReadonlySet<OrderNumber>, recordedAtMs: number): boolean => {
  for (const order of orders) {
    if (decodeNumber(order).timeMs - NUMBER_LEAD_MS <= recordedAtMs) return false;
  }
  return true;
};
