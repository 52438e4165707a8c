/** What the commands of `seatlog projections` exit with, and how they say no. */
import { type ExitCode, exitCodes } from '../exit.ts';

export { type ExitCode, exitCodes } from '../exit.ts';

export const EXIT_CODES_HELP =
  '\nExit codes: 0 done, 1 the answer is no (a difference, a refusal), 2 wrong usage, 3 it could not be run,\n' +
  '130 it was interrupted.';

/** The answer is no: its code is stable, its message a sentence for people. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode = exitCodes.bad) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}
