/**
 * Tells whether a process id still means the process it meant when it was written down. Ids are reused, and a
 * lock file or a kill must never mistake a stranger for one of our own processes.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export type ProcessIdentity = { readonly pid: number; readonly startedAt: string };

const HAS_PROC = existsSync('/proc/self/stat');
/** Positions after the command name in /proc/<pid>/stat, see proc(5). */
const STATE_FIELD = 0;
const START_TIME_FIELD = 19;
const DEAD_STATES = new Set(['Z', 'X', 'x']);

/** The identity of a running process; undefined when there is none, or only its zombie. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startedAt = HAS_PROC ? startFromProc(pid) : startFromPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identifyProcess(identity.pid)?.startedAt === identity.startedAt;
}

function startFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (DEAD_STATES.has(fields[STATE_FIELD] ?? 'X')) return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[START_TIME_FIELD]}`;
  } catch {
    return undefined;
  }
}

function startFromPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    });
    const [state = 'Z', ...start] = line.trim().split(/\s+/);
    return DEAD_STATES.has(state.charAt(0)) ? undefined : start.join(' ');
  } catch {
    return undefined;
  }
}
