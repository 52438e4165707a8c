/** The answers of a persistent Read, as bytes: field numbers are those of reads, with a retry count added. */

import { fieldSize, varintSize, writeFieldHeader, writeVarintField } from '../wire/protobuf.ts';
import { encodeReadEvent, type ResolvedRecord } from '../wire/read-response.ts';

const EVENT_FIELD = 1;
const RETRY_COUNT_FIELD = 5;

export const encodeDelivery = (
  resolved: ResolvedRecord,
  retryCount: number,
  structuredId: boolean,
): Buffer => {
  const event = encodeReadEvent(resolved, structuredId);
  const size = event.length + 1 + varintSize(retryCount);
  const message = Buffer.allocUnsafe(fieldSize(size));
  const at = writeFieldHeader(message, EVENT_FIELD, size, 0);
  event.copy(message, at);
  writeVarintField(message, RETRY_COUNT_FIELD, retryCount, at + event.length);
  return message;
};
