/**
 * Spans round every call to the event store, through the API package alone: without a registered provider
 * they cost next to nothing, and which provider there is remains the process's own business.
 */
import { type Attributes, type Link, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { EventStoreError } from './errors.ts';

const tracer = trace.getTracer('seatlog.eventstore');

export const attribute = {
  system: 'db.system.name',
  operation: 'db.operation.name',
  category: 'seatlog.stream.category',
  events: 'seatlog.events.count',
  bytes: 'seatlog.events.size_bytes',
  outcome: 'seatlog.outcome',
  attempts: 'seatlog.attempts',
  subscription: 'seatlog.subscription',
} as const;

/** Runs the work in a span; a rejection marks the span failed and goes on to the caller. */
export async function traced<T>(
  operation: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  links: Link[] = [],
): Promise<T> {
  const span = tracer.startSpan(`eventstore ${operation}`, {
    kind: SpanKind.CLIENT,
    attributes: { [attribute.system]: 'eventstoredb', [attribute.operation]: operation, ...attributes },
    links,
  });
  try {
    return await work(span);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    span.setAttribute(attribute.outcome, error instanceof EventStoreError ? error.kind : 'failed');
    span.setStatus({ code: SpanStatusCode.ERROR, message });
    throw error;
  } finally {
    span.end();
  }
}
