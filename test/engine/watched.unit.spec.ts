/** What runs under a lease can be asked how it does, from its start to its end. */
import { expect, it } from 'vitest';
import { watched } from '../../src/engine/watched.ts';

const lost = new AbortController().signal;
const runs = (name: string) => ({ name, stop: async () => undefined });

it('shows what runs, and nothing before and after', async () => {
  const work = watched(async () => runs('first'));
  expect(work.now()).toBeUndefined();
  const started = await work.start(lost);
  expect(work.now()).toMatchObject({ name: 'first' });
  await started.stop();
  expect(work.now()).toBeUndefined();
});

it('shows what is being stopped, for as long as that takes', async () => {
  let end = (): void => undefined;
  const stopped = new Promise<void>((done) => {
    end = done;
  });
  const work = watched(async () => ({ stop: () => stopped }));
  const stopping = (await work.start(lost)).stop();
  expect(work.now()).toBeDefined();
  end();
  await stopping;
  expect(work.now()).toBeUndefined();
});

it('shows the newest of two, though the older one ends after its start', async () => {
  const names = ['old', 'new'];
  const work = watched(async () => runs(names.shift() ?? ''));
  const old = await work.start(lost);
  await work.start(lost);
  await old.stop();
  expect(work.now()).toMatchObject({ name: 'new' });
});

it('shows nothing that did not start, and nothing whose stop failed', async () => {
  const refuses = watched(() => Promise.reject<ReturnType<typeof runs>>(new Error('no')));
  await expect(refuses.start(lost)).rejects.toThrow('no');
  expect(refuses.now()).toBeUndefined();
  const clings = watched(async () => ({ stop: () => Promise.reject(new Error('no')) }));
  await expect((await clings.start(lost)).stop()).rejects.toThrow('no');
  expect(clings.now()).toBeUndefined();
});
