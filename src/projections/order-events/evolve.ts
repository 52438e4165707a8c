/** Where each event is, in as few bytes as tell it. */
import { laneOfStream } from '../../domain/order-queue/index.ts';
import { programOfSaleStream } from '../../domain/sale/index.ts';
import { geneOfOrder } from '../../domain/shared/order-number.ts';
import type { Projected } from '../projection.ts';
import type { OrderEventRow } from './table.ts';
import { codeOf, type IndexedEvent, isPaymentEvent } from './types.ts';

/** Throws when the stream is not one that such an event is in. */
export const rowOf = (event: Projected<IndexedEvent>): OrderEventRow => {
  const { orderNumber } = event.data;
  return {
    order_number: orderNumber,
    position: event.position.toString(),
    revision: event.revision.toString(),
    recorded_at_ms: event.recordedAtMs,
    ...streamOf(event),
    gene: geneOfOrder(orderNumber),
    type: codeOf(event.type),
  };
};

const streamOf = (event: Projected<IndexedEvent>): Pick<OrderEventRow, 'stream_of' | 'program_id'> => {
  switch (event.type) {
    case 'OrderQueued':
      return { stream_of: String(laneOfStream(event.stream) ?? misplaced(event)), program_id: null };
    case 'OrderPlaced':
    case 'OrderRepeated':
    case 'OrderRejected':
      return { stream_of: null, program_id: programOfSaleStream(event.stream) ?? misplaced(event) };
    default:
      return { stream_of: isPaymentEvent(event) ? event.data.paymentNumber : null, program_id: null };
  }
};

const misplaced = ({ type, stream }: Projected<IndexedEvent>): never => {
  throw new Error(`${type} is in ${stream}, where no such event belongs.`);
};
