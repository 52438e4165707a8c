/** CPU time of this process and of another one, so that a benchmark can say which of the two is the bottleneck. */
import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux has fixed at 100 for every program. */
const MS_PER_TICK = 10;

/** User and system time of this process in ms. */
export const ownCpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** User and system time of a process in ms, in steps of 10; undefined where the system does not tell. */
export const cpuMsOf = (pid: number): number | undefined => {
  try {
    // Fields 14 and 15; the name in field 2 may hold spaces, so count from its closing bracket.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isNaN(ticks) ? undefined : ticks * MS_PER_TICK;
  } catch {
    return undefined;
  }
};
