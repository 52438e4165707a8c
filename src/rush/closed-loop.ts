/** A closed loop: so many workers, each of which takes the next turn when its last one is over. */

/**
 * Takes the turns 0 to `turns` − 1, each once, in order of their start. Rejects with the first error of a
 * turn, after the turns under way are over; no further turn starts then.
 */
export async function closedLoop(
  turns: number,
  workers: number,
  take: (turn: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    while (next < turns && failure === undefined) {
      const turn = next;
      next += 1;
      try {
        await take(turn);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, turns) }, work));
  if (failure !== undefined) throw failure.error;
}
