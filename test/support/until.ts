/** Waits for a state that announces itself to nobody, such as the end of a process that is not our child. */
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;
/** Of a machine that does much else, and less than a test has. */
const TIMEOUT_MS = 45_000;

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited ${TIMEOUT_MS} ms in vain until ${what}.`);
    await delay(POLL_MS);
  }
}
