/** `seatlog audit`: answers from the log that can be checked, one file for each question. */
import { Command } from 'commander';

export const auditCommand = (): Command =>
  new Command('audit').description(
    'what happened, from the log: orders, seats, buyers, programs, and the proof',
  );
