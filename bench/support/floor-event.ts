/** What an order costs to keep at the least: one event of about the size of an OrderPlaced. */
import { z } from 'zod';
import { createCodec, defineEvent, type EventOf } from '../../src/eventstore/index.ts';

const DATA_BYTES = 500;

const definition = defineEvent({ type: 'Floor', version: 1, schema: z.object({ text: z.string() }) });
export const floorCodec = createCodec([definition]);
export const floorEvent: EventOf<typeof definition> = {
  type: 'Floor',
  data: { text: 'x'.repeat(DATA_BYTES) },
};
