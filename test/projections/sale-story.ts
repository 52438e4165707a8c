/** A sale as a story tells it, in the log and in a plain model. */
import { laneStream, type QueuedOrder } from '../../src/domain/order-queue/index.ts';
import { type SaleEvent, type SaleTerms, saleDecider, saleStream } from '../../src/domain/sale/index.ts';
import { categoryIdSchema } from '../../src/domain/shared/ids.ts';
import { commandsOf, type Step } from '../domain/sale/arbitraries.ts';
import { idOf, people } from '../domain/sale/fixtures.ts';
import { createModel, follow, knownTo, type Model } from '../domain/sale/model.ts';
import type { InStream } from './flash-sale.ts';

export type Sale = { readonly terms: SaleTerms; readonly model: Model; readonly events: readonly InStream[] };

/** Plays a story; what comes through the queue was queued, sometimes more than once. */
export function play(terms: SaleTerms, story: readonly Step[]): Sale {
  const model = createModel(terms);
  const stream = saleStream(terms.programId);
  const events: InStream[] = [];
  const state = saleDecider.initial();
  const commit = (event: SaleEvent) => {
    saleDecider.evolve(state, event);
    follow(model, event);
    events.push({ stream, event });
  };
  commit({ type: 'SaleStarted', data: terms });
  for (const command of commandsOf(story, () => knownTo(model))) {
    if ('queue' in command && command.queue !== undefined) {
      const { orderNumber, buyer, queue } = command;
      const queued = queuedOrder(terms, { orderNumber, buyer });
      events.push({ stream: laneStream(queue.lane), event: { type: 'OrderQueued', data: queued } });
    }
    for (const event of saleDecider.decide(command, state).events) commit(event);
  }
  return { terms, model, events };
}

const queuedOrder = (
  { programId }: SaleTerms,
  order: Pick<QueuedOrder, 'orderNumber' | 'buyer'>,
): QueuedOrder => ({
  ...order,
  programId,
  requestId: idOf.request(1),
  ticketUsers: people(1),
  want: { by: 'category', category: categoryIdSchema.parse('stalls'), count: 1 },
  deadlineMs: 5,
});
