/**
 * What buyers do after their order was answered: ask what became of it, pay, or cancel. It happens while
 * others still order, on workers of its own, so that paying neither waits for the stampede nor holds it
 * up.
 */
import { setTimeout as delay } from 'node:timers/promises';

export type Task = {
  readonly kind: 'poll' | 'pay' | 'cancel';
  readonly buyer: number;
  readonly orderNumber: string;
  /** When the buyer sent the order, and when this is to be done (`performance.now()`). */
  readonly orderedAtMs: number;
  readonly dueAtMs: number;
};

export type FollowUps = {
  readonly add: (task: Task) => void;
  readonly waiting: () => number;
  /** Resolves when there is room for more; at once unless very many wait. */
  readonly room: () => Promise<void>;
  /** No stampede adds any more: resolves when everything is done, what tasks add themselves too. */
  readonly finish: () => Promise<void>;
};

const MAX_WAITING = 100_000;
const IDLE_MS = 20;
/** Done tasks are cut off the list in slices. */
const SLICE = 4_096;

/** `handle` must not reject. */
export function startFollowUps(workers: number, handle: (task: Task) => Promise<void>): FollowUps {
  let tasks: Task[] = [];
  let head = 0;
  let busy = 0;
  let finishing = false;
  const waiting = (): number => tasks.length - head;

  const take = (): Task | undefined => {
    const task = tasks[head];
    if (task === undefined || task.dueAtMs > performance.now()) return undefined;
    head += 1;
    if (head >= SLICE) {
      tasks = tasks.slice(head);
      head = 0;
    }
    return task;
  };
  const work = async (): Promise<void> => {
    while (!(finishing && waiting() === 0 && busy === 0)) {
      const task = take();
      if (task === undefined) {
        await delay(IDLE_MS);
        continue;
      }
      busy += 1;
      await handle(task);
      busy -= 1;
    }
  };
  const working = Array.from({ length: workers }, work);
  return {
    add: (task) => {
      tasks.push(task);
    },
    waiting,
    room: async () => {
      while (waiting() > MAX_WAITING) await delay(IDLE_MS);
    },
    finish: async () => {
      finishing = true;
      await Promise.all(working);
    },
  };
}
