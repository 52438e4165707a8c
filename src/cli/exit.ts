/** What the commands of the `seatlog` program exit with: a number means the same for all of them. */
import type { Command } from 'commander';

/** `bad`: the answer is no, or what should run could not. `notRun`: a command that answers could not be run. */
export const exitCodes = { ok: 0, bad: 1, usage: 2, notRun: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What commander itself complains of is wrong usage, here and in every command below; others say their own number. */
export const exitOnWrongUse = (command: Command): Command => {
  for (const below of command.commands) exitOnWrongUse(below);
  return command.exitOverride(({ code, exitCode }) => {
    const isWrongUse = exitCode !== exitCodes.ok && code !== 'commander.error';
    process.exit(isWrongUse ? exitCodes.usage : exitCode);
  });
};
