/**
 * Handing one batch to the consumer: what it does with a consumer that throws, and how the batch is tied to
 * the traces its events come from.
 */
import { type Link, trace } from '@opentelemetry/api';
import { type Backoff, backoffDelayMs } from '../backoff.ts';
import { decodeMetadata, traceContextOf } from '../metadata.ts';
import type { StoredEvent } from '../stored-event.ts';
import { attribute, traced } from '../telemetry.ts';
import type { Timing } from '../timing.ts';
import type { StateKeeper } from './state.ts';

const CONSUMER_BACKOFF: Backoff = { firstMs: 200, maxMs: 30_000 };
const MAX_LINKS = 16;

export type SubscriptionBatch = {
  /** In log order. Empty when the server has only told that nothing matched up to `position`. */
  readonly events: readonly StoredEvent[];
  /** What resolving confirms: store it with whatever the events changed. Goes on exactly behind it. */
  readonly position: bigint;
};

export type Consumer = {
  /** For spans, states and messages. */
  readonly name: string;
  /** One call at a time. Must not wait for `stop()` of its own subscription. */
  readonly onBatch: (batch: SubscriptionBatch) => Promise<void>;
  /** How often a batch is given again after a throw, before the subscription fails; 0 by default. */
  readonly consumerMaxRetries?: number;
  readonly consumerBackoff?: Backoff;
};

type Delivery = {
  readonly options: Consumer;
  readonly keeper: StateKeeper;
  readonly timing: Timing;
  readonly stopping: AbortSignal;
};

/** Answers false when the subscription is stopped before the consumer has confirmed. */
export async function deliver(delivery: Delivery, batch: SubscriptionBatch): Promise<boolean> {
  const { options, keeper, timing, stopping } = delivery;
  const maxRetries = options.consumerMaxRetries ?? 0;
  const attributes = {
    [attribute.subscription]: options.name,
    [attribute.events]: batch.events.length,
  };
  for (let failures = 1; ; failures += 1) {
    try {
      const links = linksTo(batch.events);
      await traced('subscription batch', attributes, () => options.onBatch(batch), links);
      return true;
    } catch (cause) {
      const error = new ConsumerFailure(options.name, batch, cause);
      keeper.change({ lastError: error, consumerFailures: keeper.now().consumerFailures + 1 });
      if (failures > maxRetries) throw error;
      keeper.change({ status: 'backing-off' });
      const backoff = options.consumerBackoff ?? CONSUMER_BACKOFF;
      await timing.sleep(backoffDelayMs(backoff, failures, timing.random()), stopping);
      if (stopping.aborted) return false;
    }
  }
}

/** Ties the batch to the traces its first events came from. */
function linksTo(events: readonly StoredEvent[]): Link[] {
  const links: Link[] = [];
  for (const event of events.slice(0, MAX_LINKS)) {
    const metadata = decodeMetadata(event.metadata);
    if ('issues' in metadata || metadata.traceparent === undefined) continue;
    const context = trace.getSpanContext(traceContextOf(metadata));
    if (context !== undefined) links.push({ context });
  }
  return links;
}

/** The consumer threw; `cause` is what it threw. Nothing behind the last confirmed position is lost. */
export class ConsumerFailure extends Error {
  override readonly name = 'ConsumerFailure';

  constructor(subscription: string, batch: SubscriptionBatch, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const first = batch.events[0];
    const place = first === undefined ? 'an empty batch' : `the batch from ${first.stream}@${first.revision}`;
    super(`${subscription}: its consumer failed at ${place}: ${reason}`, { cause });
  }
}
