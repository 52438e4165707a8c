/** What counts as late: what Redis owes, and not what this process was too busy to read. */
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { within } from '../../src/gate/caution.ts';

const TIMEOUT_MS = 60;
const ANSWERS = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (afterMs) => setTimeout(() => parentPort.postMessage('answer'), afterMs));
`;

async function answering() {
  const worker = new Worker(ANSWERS, { eval: true });
  onTestFinished(async () => {
    await worker.terminate();
  });
  await new Promise((started) => worker.once('online', started));
  return (afterMs: number): Promise<string> =>
    new Promise((done) => {
      worker.once('message', done);
      worker.postMessage(afterMs);
    });
}

const keepBusy = (forMs: number): void => {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs);
};

it('an answer that came in time counts, also where nobody had time to read it', async () => {
  const answer = await answering();
  const found = within(TIMEOUT_MS, () => answer(1));
  setImmediate(() => keepBusy(3 * TIMEOUT_MS));
  expect(await found).toBe('answer');
});

it('an answer that does not come in time is not waited for', async () => {
  const answer = await answering();
  await expect(within(TIMEOUT_MS, () => answer(20 * TIMEOUT_MS))).rejects.toThrow(
    'did not answer within 60 ms',
  );
});

it('what fails does so at once', async () => {
  const failing = within(TIMEOUT_MS, async () => {
    await delay(1);
    throw new Error('refused');
  });
  await expect(failing).rejects.toThrow('refused');
});
