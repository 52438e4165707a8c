/** A server of a benchmark in a process of its own: how to reach it, what it has cost, and how to end it. */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMsOf } from './cpu.ts';

export type Forked = {
  readonly port: number;
  /** User and system time so far in ms; NaN where the system does not tell. */
  readonly cpuMs: () => number;
  readonly close: () => Promise<void>;
};

/** `program` is sent `start` as its first message, answers with its port, and ends when its parent is gone. */
export const startForked = async (program: URL, start: Serializable): Promise<Forked> => {
  const file = fileURLToPath(program);
  const child: ChildProcess = fork(file, { execArgv: ['--import', 'tsx'] });
  const exited = once(child, 'exit');
  child.send(start);
  const [port] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(`${file} did not start.`))),
  ]);
  const { pid = 0 } = child;
  return {
    port: Number(port),
    cpuMs: () => cpuMsOf(pid) ?? Number.NaN,
    close: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
};

/** In such a process: the one message it is sent, once `listen` has said on which port it answers. */
export const serveParent = <Start>(listen: (start: Start) => Promise<number>): void => {
  process.once('message', async (start: Start) => process.send?.(await listen(start)));
  process.once('disconnect', () => process.exit(0));
};
