/** Reads all that the log has of one program, in the order it was written. */
import { ORDER_QUEUE_CATEGORY, orderQueueEventSpecs } from '../../domain/order-queue/index.ts';
import { PAYMENT_CATEGORY, paymentEventSpecs } from '../../domain/payment/index.ts';
import { saleEventSpecs, saleStream } from '../../domain/sale/index.ts';
import type { ProgramId } from '../../domain/shared/ids.ts';
import { createCodec, type EventStore, type StoredEvent } from '../../eventstore/index.ts';
import type { LogEvent } from './fold.ts';

export type Log = Pick<EventStore, 'readAllPage' | 'subscribeToAll'>;

const codec = createCodec([...saleEventSpecs, ...paymentEventSpecs, ...orderQueueEventSpecs]);

/**
 * Gives each event of the program to `onEvent` and resolves with the position of the last one of them, -1
 * when there is none. What is written meanwhile may be left out. Rejects with the event store's error, or
 * for an event that cannot be decoded.
 */
export async function readProgramLog(
  log: Log,
  programId: ProgramId,
  onEvent: (event: LogEvent) => void,
): Promise<bigint> {
  const [last] = await log.readAllPage({ direction: 'backwards', maxCount: 1 });
  if (last === undefined) return -1n;
  const sale = saleStream(programId);
  let position = -1n;
  const take = (stored: StoredEvent): void => {
    if (!isOfProgram(stored, sale, programId)) return;
    const decoded = codec.decode(stored);
    if (decoded.kind === 'unknown') return;
    position = stored.position;
    onEvent(decoded.event);
  };
  const end = { reached: (): void => undefined, failed: (_: Error): void => undefined };
  const reached = new Promise<void>((resolve, reject) => {
    end.reached = resolve;
    end.failed = reject;
  });
  const subscription = log.subscribeToAll({
    name: 'check',
    filter: { streamPrefixes: [sale, `${PAYMENT_CATEGORY}-`, `${ORDER_QUEUE_CATEGORY}-`] },
    from: 'start',
    onBatch: async (batch) => {
      for (const event of batch.events) take(event);
      if (batch.position >= last.position) end.reached();
    },
    onStatus: ({ status }) => {
      if (status === 'live') end.reached();
    },
  });
  void subscription.ended.then((over) => {
    if (over.kind === 'failed') end.failed(over.error);
  });
  try {
    await reached;
  } finally {
    await subscription.stop();
  }
  return position;
}

/** Looked at before decoding: other programs may have far more events than this one. */
function isOfProgram({ stream, data }: StoredEvent, sale: string, programId: ProgramId): boolean {
  if (stream === sale) return true;
  if (stream.startsWith('Sale-') || typeof data !== 'object' || data === null) return false;
  return 'programId' in data && data.programId === programId;
}
