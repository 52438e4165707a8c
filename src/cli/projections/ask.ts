/** Asks a person at a terminal; whoever is none has to say yes beforehand. */
import { createInterface } from 'node:readline/promises';

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** True for y or yes. Rejects when the signal fires. */
export const ask = async (question: string, signal: AbortSignal): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal that is read from keeps Ctrl-C to itself.
  terminal.on('SIGINT', () => process.emit('SIGINT'));
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question(`${question} [y/N] `, { signal }));
  } finally {
    terminal.close();
  }
};
