/** What every command of the `seatlog` program tells of itself, and how it exits when it is used wrongly. */
import type { Command } from 'commander';
import { describe, expect, it, vi } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

type Listed = { readonly name: string; readonly command: Command };

/** Every command that does something, by what people type for it. */
const commandsBelow = (command: Command, before: readonly string[] = []): readonly Listed[] =>
  command.commands.flatMap((below) => {
    const words = [...before, below.name()];
    return below.commands.length > 0
      ? commandsBelow(below, words)
      : [{ name: words.join(' '), command: below }];
  });

const helpOf = (command: Command): string => {
  let help = '';
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
  });
  command.outputHelp();
  return help;
};

const commands = commandsBelow(createProgram());

describe('The help', () => {
  it('is there for every command that there is', () => {
    expect(commands.length).toBeGreaterThan(15);
  });

  it.each(commands)(
    'of seatlog $name has a purpose, examples of it and the exit codes',
    ({ name, command }) => {
      expect(command.description()).not.toBe('');
      const help = helpOf(command);
      expect(help).toContain('\nExamples:\n');
      expect(help).toMatch(new RegExp(`^ {2}\\$ .*seatlog ${name}`, 'm'));
      expect(help).toMatch(/^Exit codes: 0 /m);
    },
  );

  it.each(commands)(
    'of seatlog $name describes every option, and shows defaults as people write them',
    ({ command }) => {
      for (const { flags, description, defaultValue, defaultValueDescription } of command.options) {
        expect(description, flags).not.toBe('');
        if (typeof defaultValue === 'object') expect(defaultValueDescription, flags).toBeDefined();
      }
    },
  );
});

describe('Wrong use', () => {
  const exitOf = async (words: readonly string[]): Promise<unknown> => {
    const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
      throw new Exited(code);
    });
    const quiet = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      await createProgram().parseAsync(words, { from: 'user' });
      return undefined;
    } catch (error) {
      return error instanceof Exited ? error.code : error;
    } finally {
      exit.mockRestore();
      quiet.mockRestore();
    }
  };

  it.each(commands)('of seatlog $name exits with 2', async ({ name }) => {
    expect(await exitOf([...name.split(' '), '--no-such-option'])).toBe(2);
  });

  it.each(['', 'projections', 'audit', 'ticket'])(
    'of seatlog %s without a command exits with 2',
    async (group) => {
      expect(await exitOf([group, 'no-such-command'].filter((word) => word !== ''))).toBe(2);
      expect(await exitOf([group].filter((word) => word !== ''))).toBe(2);
    },
  );
});

class Exited extends Error {
  readonly code: unknown;

  constructor(code: unknown) {
    super('The process would have exited.');
    this.code = code;
  }
}
