/** Which events a differing row was made of: the log is read once more, and only where something differs. */
import { readLog, START_OF_LOG } from '../../rebuild/log-pages.ts';
import type { Difference, Differences } from '../../rebuild/rebuildable.ts';
import type { Projected } from '../projection.ts';
import type { EngineEvent } from '../registry.ts';
import type { Compared, RowDifference } from './compare.ts';
import type { BuildDeps, EngineProjection } from './deps.ts';
import { isOwn } from './feed.ts';

const MAX_POSITIONS = 20;

type Trace = { readonly until: bigint; readonly signal: AbortSignal };

/** With the last positions of each, where there are more than can be told. Rejects with the signal's reason. */
export const traced = async (
  deps: BuildDeps,
  projection: EngineProjection,
  { count, first }: Compared,
  trace: Trace,
): Promise<Differences> => {
  if (first.length === 0) return { count, first: [] };
  const positions = new Map<string, bigint[]>(first.map((row) => [subjectOf(row), []]));
  const tables = projection.tables.filter(({ name }) => first.some(({ table }) => table.name === name));
  for await (const event of eventsFor(deps, projection, trace)) {
    for (const table of tables) {
      for (const subject of table.subjectsOf(event)) {
        const found = positions.get(nameOf(table.name, subject));
        if (found === undefined || found.at(-1) === event.position) continue;
        found.push(event.position);
        if (found.length > MAX_POSITIONS) found.shift();
      }
    }
  }
  return {
    count,
    first: first.map(
      (row): Difference => ({
        place: row.place,
        key: row.key,
        live: row.live,
        expected: row.expected,
        positions: positions.get(subjectOf(row)) ?? [],
      }),
    ),
  };
};

const subjectOf = ({ table, keys }: RowDifference): string =>
  nameOf(
    table.name,
    table.subject.map((column) => keys[column] ?? ''),
  );

const nameOf = (table: string, subject: readonly (string | number)[]): string =>
  [table, ...subject].join('/');

/** Those it could apply: what cannot be read, or belongs to others, has made no row. */
async function* eventsFor(
  deps: BuildDeps,
  { handles }: EngineProjection,
  { until, signal }: Trace,
): AsyncGenerator<Projected<EngineEvent>> {
  const wanted = new Set<string>(handles);
  for await (const page of readLog(deps.log, { after: START_OF_LOG, until, signal })) {
    for (const stored of page.events) {
      if (!wanted.has(stored.type) || !isOwn(deps, stored)) continue;
      const event = decoded(deps, stored);
      if (event !== undefined) yield event;
    }
  }
}

const decoded = (
  { codec }: BuildDeps,
  stored: Parameters<BuildDeps['codec']['decode']>[0],
): Projected<EngineEvent> | undefined => {
  try {
    const result = codec.decode(stored);
    return result.kind === 'event' ? result.event : undefined;
  } catch {
    return undefined;
  }
};
