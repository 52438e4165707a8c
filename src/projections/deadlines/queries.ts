/** Whose time is up. */
import type { HoldToken, OrderNumber, ProgramId } from '../../domain/shared/ids.ts';
import { wide } from '../columns.ts';
import type { Db } from '../database.ts';

export type Due = { readonly programId: ProgramId; readonly dueAtMs: number } & (
  | { readonly kind: 'order'; readonly orderNumber: OrderNumber }
  | { readonly kind: 'hold'; readonly holdToken: HoldToken }
);

/**
 * The longest overdue first, without those of some programs. An order or hold stays here until the log says that it
 * ended.
 */
export const dueDeadlines = async (
  db: Db,
  nowMs: number,
  limit: number,
  except: readonly ProgramId[] = [],
): Promise<readonly Due[]> => {
  const rows = await db
    .selectFrom('deadline')
    .select(['program_id', 'kind', 'subject', wide('due_at_ms')])
    .where('due_at_ms', '<=', String(nowMs))
    .$if(except.length > 0, (query) => query.where('program_id', 'not in', except))
    .orderBy('deadline.due_at_ms')
    .orderBy('deadline.program_id')
    .orderBy('deadline.kind')
    .orderBy('deadline.subject')
    .limit(limit)
    .execute();
  return rows.map(({ program_id, kind, subject, due_at_ms }) => {
    const when = { programId: program_id, dueAtMs: due_at_ms };
    // The events that set the deadline had parsed it.
    return kind === 'order'
      ? { ...when, kind, orderNumber: subject as OrderNumber }
      : { ...when, kind, holdToken: subject as HoldToken };
  });
};

/** When the next one is up, to sleep until then; undefined while there is none. */
export const nextDeadlineMs = async (db: Db): Promise<number | undefined> => {
  const row = await db
    .selectFrom('deadline')
    .select(wide('due_at_ms'))
    .orderBy('deadline.due_at_ms')
    .limit(1)
    .executeTakeFirst();
  return row?.due_at_ms;
};
