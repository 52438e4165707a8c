/** What a program's audit has to come to, in the plainest way: every event of the log looked at, in its order. */
import type { Found } from '../../src/audit/answers.ts';
import { findHall } from '../../src/audit/hall.ts';
import type { AuditLog, LogEvent } from '../../src/audit/log.ts';
import { isBy } from '../../src/audit/moment.ts';
import { type ProgramAnswer, type ProgramQuestion, programAnswer } from '../../src/audit/program.ts';
import { emptyProgram, evolveProgram } from '../../src/audit/program-state.ts';
import { saleStream } from '../../src/domain/sale/index.ts';

export const programFromWholeLog = async (log: AuditLog, asked: ProgramQuestion): Promise<ProgramAnswer> => {
  const hall = await findHall(log, asked.programId);
  if (hall === undefined) return { kind: 'refused', code: 'sale_not_open' };
  const state = emptyProgram(hall);
  const unreadable: string[] = [];
  let last: LogEvent | undefined;
  for await (const page of log.all(hall.position)) {
    unreadable.push(...page.unreadable);
    for (const event of page.events) {
      if (!isBy(asked.at, event) || !isOf(event, asked)) continue;
      last = event;
      evolveProgram(state, event);
    }
  }
  if (last === undefined) {
    const detail = 'At that moment the sale had not been started.';
    return { kind: 'refused', code: 'sale_not_open', detail };
  }
  const found = { by: 'log' as const, indexProblems: [], unreadable } satisfies Found;
  return { kind: 'program', audit: programAnswer(asked, hall, { ...state, last, found }) };
};

const isOf = (event: LogEvent, { programId }: ProgramQuestion): boolean =>
  event.stream === saleStream(programId) || ('programId' in event.data && event.data.programId === programId);
