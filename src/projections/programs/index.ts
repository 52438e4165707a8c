/** The programs projection: what people browse, kept up to date from the events of programs. */
import type { ProgramEvent } from '../../domain/program/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import type { Db } from '../database.ts';
import type { Projected, Projection, Subject } from '../projection.ts';
import { upsert } from '../rows.ts';
import { evolve, type ProgramRows } from './evolve.ts';
import { programColumns } from './table.ts';

export * from './queries.ts';

const program = ({ data }: Projected<ProgramEvent>): readonly Subject[] => [[data.programId]];

export const programsProjection: Projection<ProgramEvent> = {
  name: 'programs',
  version: 1,
  handles: [
    'ProgramPublished',
    'ProgramRevised',
    'SaleScheduled',
    'SaleOpened',
    'SaleClosed',
    'ProgramCancelled',
    'DispatchModeChanged',
  ],
  tables: [
    { name: 'program', key: ['program_id'], subject: ['program_id'], subjectsOf: program },
    {
      name: 'ticket_category',
      key: ['program_id', 'category_id'],
      subject: ['program_id'],
      subjectsOf: program,
    },
  ],
  apply: async (db, events) => {
    const programs = await load(db, [...new Set(events.map(({ data }) => data.programId))]);
    for (const event of events) {
      const { programId } = event.data;
      programs.set(programId, evolve(programs.get(programId), event));
    }
    await save(db, [...programs.values()]);
  },
};

const load = async (db: Db, ids: readonly ProgramId[]): Promise<Map<ProgramId, ProgramRows>> => {
  const rows = await db.selectFrom('program').select(programColumns).where('program_id', 'in', ids).execute();
  return new Map(rows.map((program) => [program.program_id, { program, categories: undefined }]));
};

const save = async (db: Db, programs: readonly ProgramRows[]): Promise<void> => {
  await upsert(
    db,
    'program',
    ['program_id'],
    programs.map(({ program }) => program),
  );
  const relisted = programs.filter(({ categories }) => categories !== undefined);
  if (relisted.length === 0) return;
  const ids = relisted.map(({ program }) => program.program_id);
  await db.deleteFrom('ticket_category').where('program_id', 'in', ids).execute();
  const categories = relisted.flatMap((rows) => rows.categories ?? []);
  await upsert(db, 'ticket_category', ['program_id', 'category_id'], categories);
};
