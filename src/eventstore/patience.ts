/**
 * How long to wait for one answer: as long as the server answers others. A server that is only slow would
 * have more to do still if it was asked the same again, and a client that only waits its turn is not a wedged
 * one.
 */
import type { Generation } from './connection.ts';
import type { Timing } from './timing.ts';

export type Patience = {
  /** Longest silence of the whole connection. */
  readonly silenceMs: number;
  /** The moment (monotonic ms) at which waiting ends whoever is answered. */
  readonly deadlineMs: number;
  readonly timing: Timing;
};

/** Settles as `answer` does, or rejects with `late()` when patience has run out; bears its late end then. */
export function patiently<T>(
  generation: Generation,
  patience: Patience,
  answer: Promise<T>,
  late: () => Error,
): Promise<T> {
  const { silenceMs, deadlineMs, timing } = patience;
  return new Promise((done, fail) => {
    let armedAtMs = 0;
    let timer: NodeJS.Timeout | undefined;
    const arm = (): void => {
      armedAtMs = timing.monotonicMs();
      timer = setTimeout(check, Math.max(0, Math.min(silenceMs, deadlineMs - armedAtMs)));
    };
    const check = (): void => {
      if (timing.monotonicMs() < deadlineMs && generation.heardAtMs() > armedAtMs) arm();
      else fail(late());
    };
    arm();
    answer.then(done, fail).finally(() => clearTimeout(timer));
  });
}
