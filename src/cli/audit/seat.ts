/** `seatlog audit seat`: who had a seat, and when. */
import { Command } from 'commander';
import { placeText } from '../../audit/hall.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { programId } from './arguments.ts';
import { type AuditFlags, type AuditQuestionAsked, runAudit, withAuditOptions } from './asking.ts';

const EXAMPLES = [
  'audit seat swan-lake B-12',
  'audit seat swan-lake stalls/B/12 --at 2026-11-22T20:03+08:00',
];

export const seatCommand = (): Command =>
  withAuditOptions(new Command('seat'), EXAMPLES)
    .description('who had a seat, from when to when, and why it was free again')
    .argument('<program>', 'the program', programId)
    .argument(
      '<seat>',
      'B-12, section/B/12, category/B/12, category/section/B/12, or its number in the layout',
    )
    .action((program: ProgramId, seat: string, flags: AuditFlags) =>
      runAudit(flags, () => question(program, seat)),
    );

const MAX_SEAT_CHARACTERS = 120;

const question = (program: ProgramId, seat: string): AuditQuestionAsked => ({
  read: { question: 'seat', subject: `${program}/${seat.slice(0, MAX_SEAT_CHARACTERS)}`, unmasked: false },
  usesSql: false,
  ask: async (audit, moment, asking) => {
    const { renderSeat } = await import('../../audit/render/seat.ts');
    const answer = await audit.seat({ programId: program, seat, at: moment }, asking);
    if (answer.kind === 'seat') {
      return { kind: 'answer', audit: answer.audit, render: () => renderSeat(answer.audit) };
    }
    if (answer.code !== 'seat_ambiguous') return answer;
    const { code, seats, more } = answer;
    const lines = seats.map((place) => `  ${placeText(place)} (number ${place.seat?.number})`);
    return { kind: 'refused', code, lines: more ? [...lines, '  …'] : lines, members: { seats, more } };
  },
});
