/** What a runner says of its projections, left in SQL for processes that do not run them: the API and the CLI. */
import { sql } from 'kysely';
import { z } from 'zod';
import { checkpointSelection, checkpointsOf } from './checkpoint.ts';
import type { Db } from './database.ts';
import type { ProjectionState } from './progress.ts';

const SECOND = 1_000;
/** A runner that has said nothing for so long is gone. */
const REPORT_TTL_MS = 10 * SECOND;

const reportSchema = z.object({
  state: z.enum(['running', 'stopped', 'unavailable', 'not_running']),
  lagMs: z.number().optional(),
  waitingEvents: z.number(),
  eventsPerSecond: z.number(),
  eventsApplied: z.number(),
  lastError: z.object({ message: z.string(), atMs: z.number() }).optional(),
});

/** In one statement. Another runner's words are overwritten. */
export const writeReports = async (db: Db, states: readonly ProjectionState[]): Promise<void> => {
  if (states.length === 0) return;
  const rows = states.map(({ name, ...state }) => ({
    name,
    report: JSON.stringify(reportSchema.parse(state)),
  }));
  await db
    .insertInto('projection_report')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet({ report: sql`excluded.report`, reported_at: sql`now()` }),
    )
    .execute();
};

/** Every projection, whichever process runs it; its runner's figures are some seconds old at most. */
export const projectionStates = async (db: Db): Promise<readonly ProjectionState[]> => {
  const rows = await db
    .selectFrom('projection')
    .leftJoin('projection_report', 'projection_report.name', 'projection.name')
    .select(checkpointSelection)
    .select([
      'report',
      sql<number | null>`extract(epoch from clock_timestamp() - reported_at)::float8 * 1000`.as('age_ms'),
    ])
    .orderBy('projection.name')
    .execute();
  const checkpoints = checkpointsOf(rows);
  return rows.flatMap(({ name, report, age_ms }) => {
    const checkpoint = checkpoints.get(name);
    if (checkpoint === undefined) return [];
    const said = report === null ? undefined : reportSchema.parse(report);
    const isFresh = age_ms !== null && age_ms < REPORT_TTL_MS;
    const state = checkpoint.stopped ? 'stopped' : said && isFresh ? said.state : 'not_running';
    return [
      {
        ...checkpoint,
        state,
        lagMs: isFresh ? said?.lagMs : undefined,
        waitingEvents: isFresh ? (said?.waitingEvents ?? 0) : 0,
        eventsPerSecond: isFresh ? (said?.eventsPerSecond ?? 0) : 0,
        eventsApplied: said?.eventsApplied ?? 0,
        lastError: said?.lastError,
      },
    ];
  });
};
