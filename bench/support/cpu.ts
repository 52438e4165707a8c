/**
 * CPU time of this process, of another one and of the whole machine: which of two processes is the
 * bottleneck, and whether strangers were at work meanwhile.
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

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

/**
 * As `cpuMsOf`, with all that its children have used, those included that have ended; of living children's children it
 * knows nothing.
 */
export const familyCpuMs = (pid: number): number | undefined => {
  const own = cpuMsOf(pid);
  if (own === undefined) return undefined;
  // Fields 16 and 17: children that were waited for.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ended = (Number(fields[13]) + Number(fields[14])) * MS_PER_TICK;
  const living = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return living.reduce((sum, child) => sum + (cpuMsOf(Number(child)) ?? 0), own + ended);
};

/** Time that all processors together have spent on work of any process, in ms. */
export const machineCpuMs = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0);
