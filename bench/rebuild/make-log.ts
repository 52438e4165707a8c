/**
 * Fills the event store with flash sales, one after the other, in a process of its own: what it holds meanwhile is not to
 * count as memory of what is measured. Takes the store's URL and the least number of events; prints how many it wrote.
 */
import { randomUUID } from 'node:crypto';
import { engineCodec } from '../../src/event-catalogue.ts';
import { type EventStore, openEventStore } from '../../src/eventstore/index.ts';
import { createStreamLog } from '../../src/eventstore/stream-log.ts';
import { flashSale, type InStream } from '../../test/projections/flash-sale.ts';

const ORDERS_PER_SALE = 4_000;
const EVENTS_PER_ORDER = 4.7;
const APPEND_EVENTS = 500;
const APPENDS_IN_FLIGHT = 50;
const CAUSE = { commandId: 'bench', correlationId: 'bench', actor: 'bench' };

/** Runs of one stream go together, as group commit has it. */
const append = async (store: EventStore, events: readonly InStream[]): Promise<void> => {
  const log = createStreamLog(store, engineCodec);
  const revisions = new Map<string, bigint>();
  let waiting: Promise<unknown>[] = [];
  for (let from = 0; from < events.length; ) {
    const stream = events[from]?.stream ?? '';
    let to = from;
    while (to < events.length && to - from < APPEND_EVENTS && events[to]?.stream === stream) to += 1;
    const part = events.slice(from, to).map(({ event }) => event);
    const last = revisions.get(stream) ?? -1n;
    const encoded = log.encode(stream, part, CAUSE, randomUUID());
    waiting.push(log.append(stream, last < 0n ? 'no_stream' : last, encoded));
    revisions.set(stream, last + BigInt(to - from));
    from = to;
    if (waiting.length >= APPENDS_IN_FLIGHT) {
      await Promise.all(waiting);
      waiting = [];
    }
  }
  await Promise.all(waiting);
};

const [url = '', wanted = '0'] = process.argv.slice(2);
const store = openEventStore({ connectionString: url });
let written = 0;
for (let nth = 1; written < Number(wanted); nth += 1) {
  const orders = Math.min(ORDERS_PER_SALE, Math.ceil((Number(wanted) - written) / EVENTS_PER_ORDER));
  const events = flashSale(orders, { program: `flash-sale-${nth}`, workerId: nth });
  await append(store, events);
  written += events.length;
}
process.stdout.write(`${written}\n`);
process.exit(0);
