/** Order statuses into Redis until they are there: for batches of the log, and for what Redis lost of a sale. */
import type { OrderStatuses, OrderStatusWrite } from './order-statuses.ts';
import type { Persevere } from './persevering.ts';
import { newestOf } from './status-changes.ts';

/** In any order, one order as often as it changed. Rejects with StoppedError only. */
export type WriteStatuses = (changes: readonly OrderStatusWrite[]) => Promise<void>;

export const createTelling =
  (statuses: Pick<OrderStatuses, 'write'>, persevere: Persevere): WriteStatuses =>
  async (changes) => {
    const newest = newestOf(changes);
    if (newest.length > 0) await persevere(() => statuses.write(newest), { forever: true });
  };
