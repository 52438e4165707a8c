/** Asks a person at a terminal; whoever is none has to say yes beforehand. */
import { createInterface } from 'node:readline/promises';

export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** True for y or yes; Ctrl-D says nothing, and so no. Rejects when the signal fires. */
export const ask = async (question: string, signal: AbortSignal): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // A terminal that is read from keeps Ctrl-C to itself.
  terminal.on('SIGINT', () => process.emit('SIGINT'));
  const closed = new AbortController();
  // A question is not answered by its end: it would be waited for for ever.
  terminal.once('close', () => closed.abort());
  const ended = AbortSignal.any([signal, closed.signal]);
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question(`${question} [y/N] `, { signal: ended }));
  } catch (error) {
    // What is printed next begins a line of its own.
    process.stderr.write('\n');
    if (signal.aborted || !closed.signal.aborted) throw error;
    return false;
  } finally {
    terminal.close();
  }
};
