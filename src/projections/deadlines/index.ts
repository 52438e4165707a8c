/** The deadlines projection: what the expiry process has to end, durable because the log is. */
import { sql } from 'kysely';
import type { Projection } from '../projection.ts';
import { asJson, upsert } from '../rows.ts';
import { type DeadlineEvent, deadlinesAfter } from './evolve.ts';

export * from './queries.ts';

const DEADLINE_KEY = ['program_id', 'kind', 'subject'] as const;

export const deadlinesProjection: Projection<DeadlineEvent> = {
  name: 'deadlines',
  version: 1,
  handles: [
    'SeatsHeld',
    'HoldReleased',
    'HoldExpired',
    'OrderPlaced',
    'OrderCancelled',
    'OrderExpired',
    'OrderPaid',
  ],
  tables: [
    {
      name: 'deadline',
      key: DEADLINE_KEY,
      subject: DEADLINE_KEY,
      subjectsOf: (event) =>
        [...deadlinesAfter([event]).values()].map(({ row }) => [row.program_id, row.kind, row.subject]),
    },
  ],
  apply: async (db, events) => {
    const deadlines = [...deadlinesAfter(events).values()];
    const set = deadlines.flatMap((deadline) => (deadline.kind === 'set' ? [deadline.row] : []));
    const settled = deadlines.flatMap((deadline) => (deadline.kind === 'settled' ? [deadline.row] : []));
    await upsert(db, 'deadline', DEADLINE_KEY, set);
    if (settled.length === 0) return;
    await sql`
      delete from deadline
      using json_to_recordset(${asJson(settled)}) as settled(program_id text, kind text, subject text)
      where deadline.program_id = settled.program_id
        and deadline.kind = settled.kind and deadline.subject = settled.subject
    `.execute(db);
  },
};
