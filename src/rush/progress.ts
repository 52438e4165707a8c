/** Tells a person how far it is: a bar on a terminal, a line every few seconds anywhere else. */
import { SingleBar } from 'cli-progress';

const SECOND_MS = 1_000;
const LINE_EVERY_MS = 5 * SECOND_MS;

export type Phase = {
  readonly update: (done: number, note?: string) => void;
  readonly end: (note?: string) => void;
};

export type Progress = {
  /** One at a time. */
  readonly phase: (name: string, total: number) => Phase;
  readonly say: (line: string) => void;
};

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

export const silent: Progress = {
  phase: () => ({ update: () => undefined, end: () => undefined }),
  say: () => undefined,
};

/** Writes to standard error, so that standard output is the report alone. */
export function createProgress(out: Output = process.stderr): Progress {
  const say = (line: string): void => {
    out.write(`${line}\n`);
  };
  return { say, phase: (name, total) => (out.isTTY ? bar(out, name, total) : lines(say, name, total)) };
}

function bar(out: Output, name: string, total: number): Phase {
  const line = new SingleBar({
    stream: out,
    format: `${name.padEnd(12)} {bar} {percentage}% | {value}/{total} {note}`,
    hideCursor: true,
  });
  line.start(total, 0, { note: '' });
  return {
    update: (done, note = '') => line.update(done, { note }),
    end: (note) => {
      if (note !== undefined) line.update({ note });
      line.stop();
    },
  };
}

function lines(say: (line: string) => void, name: string, total: number): Phase {
  const startedAtMs = performance.now();
  let saidAtMs = startedAtMs;
  let done = 0;
  const text = (note: string): string => {
    const seconds = ((performance.now() - startedAtMs) / SECOND_MS).toFixed(0);
    return `${name}: ${done}/${total} after ${seconds} s ${note}`.trimEnd();
  };
  return {
    update: (now, note = '') => {
      done = now;
      if (performance.now() - saidAtMs < LINE_EVERY_MS) return;
      saidAtMs = performance.now();
      say(text(note));
    },
    end: (note = '') => say(text(note)),
  };
}
