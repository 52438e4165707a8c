/** Starts the server of one lane and says how to reach it, what it has cost, and how to end it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMsOf } from '../support/cpu.ts';

const PROGRAM = fileURLToPath(new URL('./lane-process.ts', import.meta.url));

export const laneNames = ['bare', 'lean', 'lean, new tokens', 'express'] as const;
export type LaneName = (typeof laneNames)[number];
/** What a lane's process is told; the key in hexadecimal digits. */
export type LaneStart = { readonly lane: LaneName; readonly key: string };

export type LaneServer = {
  readonly port: number;
  readonly cpuMs: () => number;
  readonly close: () => Promise<void>;
};

export const startLane = async (start: LaneStart): Promise<LaneServer> => {
  const child: ChildProcess = fork(PROGRAM, { execArgv: ['--import', 'tsx'] });
  const exited = once(child, 'exit');
  child.send(start);
  const [port] = await Promise.race([
    once(child, 'message'),
    exited.then(() => Promise.reject(new Error(`The server of the lane '${start.lane}' did not start.`))),
  ]);
  const { pid = 0 } = child;
  return {
    port: Number(port),
    cpuMs: () => cpuMsOf(pid) ?? Number.NaN,
    close: async () => {
      child.disconnect();
      await exited;
    },
  };
};
