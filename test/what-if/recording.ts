/** Sales as a log would have recorded them, without a log: decided by the sale itself, each event with its time. */
import type { QueuedOrder } from '../../src/domain/order-queue/index.ts';
import { type SaleCommand, type SaleTerms, saleDecider } from '../../src/domain/sale/index.ts';
import { queueKey, type RecordedEvent, type RecordedSale } from '../../src/what-if/recorded-sale.ts';
import { commandsOf, type Step } from '../domain/sale/arbitraries.ts';
import { createModel, follow, knownTo } from '../domain/sale/model.ts';

/** Appends what a command leads to, recorded at this time. */
export function createRecorder(terms: SaleTerms) {
  const events: RecordedEvent[] = [];
  const queued = new Map<string, QueuedOrder>();
  const state = saleDecider.initial();
  const give = (command: SaleCommand, recordedAtMs: number) => {
    const decided = saleDecider.decide(command, state);
    for (const event of decided.events) {
      saleDecider.evolve(state, event);
      // As it would be read back.
      events.push({ event: JSON.parse(JSON.stringify(event)), recordedAtMs });
    }
    if (decided.events.length > 0 && command.type === 'PlaceOrder' && command.queue !== undefined) {
      const { type: _, nowMs: __, queue, ...asked } = command;
      queued.set(queueKey(queue), {
        ...asked,
        programId: terms.programId,
        deadlineMs: recordedAtMs + 5_000,
      } as QueuedOrder);
    }
    return decided;
  };
  give({ type: 'StartSale', terms }, terms.opensAtMs);
  const sale = (): RecordedSale => ({ programId: terms.programId, events, queued });
  return { give, sale };
}

/** A generated story, recorded. */
export function recordedStory(terms: SaleTerms, story: readonly Step[]): RecordedSale {
  const recorder = createRecorder(terms);
  const model = createModel(terms);
  let nowMs = terms.opensAtMs;
  for (const command of commandsOf(story, () => knownTo(model))) {
    if ('nowMs' in command && command.type !== 'ExpireOrder') nowMs = command.nowMs;
    for (const event of recorder.give(command, nowMs).events) follow(model, event);
  }
  return recorder.sale();
}
