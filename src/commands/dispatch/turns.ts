/** Takes work of one process in turns by name, so that only one of it waits for a lock that others hold too. */
import { OverloadedError } from '../warm-stream.ts';

/** Waiting behind one name. More are refused instead of waiting longer than anyone would. */
const MAX_WAITING = 2_000;

export type Turns = {
  /** First come, first served. Rejects with OverloadedError, or with what the work rejects with. */
  readonly take: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
};

export const createTurns = (): Turns => {
  const rows = new Map<string, { last: Promise<unknown>; waiting: number }>();
  return {
    take: (name, work) => {
      const row = rows.get(name) ?? { last: Promise.resolve(), waiting: 0 };
      if (row.waiting >= MAX_WAITING)
        return Promise.reject(new OverloadedError(`${name} has too many waiting`));
      rows.set(name, row);
      row.waiting++;
      const done = row.last.then(work).finally(() => {
        row.waiting--;
        if (row.waiting === 0) rows.delete(name);
      });
      // The next in the row begins whatever becomes of this one.
      row.last = done.catch(() => undefined);
      return done;
    },
  };
};
