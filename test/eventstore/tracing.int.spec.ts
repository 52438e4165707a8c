/**
 * One trace from the command that appended an event to the projection that applies it, through the API
 * package and whatever provider the process has registered; here a small one that writes down what it is
 * told.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  type ContextManager,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type TextMapPropagator,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { traceContextOf } from '../../src/eventstore/index.ts';
import { useEventstore } from '../support/eventstore.ts';
import { failureOf } from '../support/streams.ts';
import { codec, countedEvents, followAll, openForTest, uniqueStream } from './support.ts';

type Written = {
  name: string;
  attributes: Attributes;
  links: SpanContext[];
  ended: boolean;
  failed: boolean;
};

const server = useEventstore();
let spans: Written[] = [];
const commandSpan: SpanContext = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: TraceFlags.SAMPLED,
};
const commandContext = trace.setSpanContext(ROOT_CONTEXT, commandSpan);

function startSpan(name: string, options: SpanOptions = {}): Span {
  const links = (options.links ?? []).map((link) => link.context);
  const written: Written = {
    name,
    attributes: { ...options.attributes },
    links,
    ended: false,
    failed: false,
  };
  spans.push(written);
  const span: Span = Object.assign(trace.wrapSpanContext(INVALID_SPAN_CONTEXT), {
    setAttribute: (key: string, value: Attributes[string]) => {
      if (value !== undefined) written.attributes[key] = value;
      return span;
    },
    setStatus: () => {
      written.failed = true;
      return span;
    },
    end: () => {
      written.ended = true;
    },
  });
  return span;
}

const tracer: Tracer = {
  startSpan,
  startActiveSpan: () => {
    throw new Error('The wrapper needs no active spans of its own.');
  },
};

const storage = new AsyncLocalStorage<Context>();
const contextManager: ContextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (active, work, thisArg, ...args) => storage.run(active, () => work.call(thisArg, ...args)),
  bind: (_active, target) => target,
  enable: () => contextManager,
  disable: () => contextManager,
};

/** The W3C header in its simplest form. */
const propagator: TextMapPropagator = {
  inject: (active, carrier, setter = defaultTextMapSetter) => {
    const span = trace.getSpanContext(active);
    if (span !== undefined) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
  },
  extract: (active, carrier, getter = defaultTextMapGetter) => {
    const header = getter.get(carrier, 'traceparent');
    const [, traceId, spanId] = typeof header === 'string' ? header.split('-') : [];
    if (traceId === undefined || spanId === undefined) return active;
    return trace.setSpanContext(active, { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  },
  fields: () => ['traceparent'],
};

beforeAll(() => {
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  context.setGlobalContextManager(contextManager);
  propagation.setGlobalPropagator(propagator);
});
afterAll(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});
beforeEach(() => {
  spans = [];
});

const spansOf = (operation: string): Written[] =>
  spans.filter(({ name }) => name === `eventstore ${operation}`);

describe('The trace of a command', () => {
  it('is stored with its events, read back, and linked to the batch that handles them', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream('Traced');
    const events = context.with(commandContext, () => countedEvents(stream, 'c', 1));
    await store.append(stream, 'no_stream', events);
    const stored = await store.lastEvent(stream);
    if (stored === undefined) throw new Error('Not stored.');
    const decoded = codec.decode(stored);
    if (decoded.kind !== 'event') throw new Error('Not decoded.');
    const { traceId, spanId } = commandSpan;
    expect(decoded.event.metadata.traceparent).toBe(`00-${traceId}-${spanId}-01`);
    expect(trace.getSpanContext(traceContextOf(decoded.event.metadata))).toMatchObject({ traceId, spanId });

    const follower = followAll(store, { from: 'start', filter: { streamPrefixes: [stream] } });
    await follower.until(() => follower.seen.length > 0);
    await follower.subscription.stop();
    const batch = spansOf('subscription batch').find(({ links }) => links.length > 0);
    expect(batch?.links).toMatchObject([{ traceId, spanId }]);
    expect(batch).toMatchObject({ ended: true, attributes: { 'seatlog.subscription': 'follower' } });
  });

  it('is absent from events that were appended outside of any', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream();
    await store.append(stream, 'no_stream', countedEvents(stream, 'c', 1));
    const stored = await store.lastEvent(stream);
    expect(stored?.metadata).not.toHaveProperty('traceparent');
  });
});

describe('A span', () => {
  it('of an append tells category, count, bytes and outcome', async () => {
    const store = openForTest(server.url);
    const stream = uniqueStream('Traced');
    const events = countedEvents(stream, 'c', 1, 2);
    await store.append(stream, 'no_stream', events);
    await store.append(stream, 'no_stream', countedEvents(stream, 'd', 1));
    const [first, second] = spansOf('append');
    expect(first?.attributes).toMatchObject({
      'seatlog.stream.category': 'Traced',
      'seatlog.events.count': 2,
      'seatlog.events.size_bytes': events.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      'seatlog.outcome': 'appended',
    });
    expect(second?.attributes['seatlog.outcome']).toBe('wrong-expected-revision');
    expect(spans.every(({ ended, failed }) => ended && !failed)).toBe(true);
  });

  it('of a read tells category, count and outcome', async () => {
    const store = openForTest(server.url);
    await store.readPage(uniqueStream('Traced'));
    expect(spansOf('read')[0]?.attributes).toMatchObject({
      'seatlog.stream.category': 'Traced',
      'seatlog.events.count': 0,
      'seatlog.outcome': 'no-stream',
    });
  });

  it('of a failure is marked failed and names its kind', async () => {
    const store = openForTest(server.url, { appendMaxBytes: 10 });
    const stream = uniqueStream();
    await failureOf(store.append(stream, 'no_stream', countedEvents(stream, 'c', 1)));
    expect(spansOf('append')).toMatchObject([
      { failed: true, ended: true, attributes: { 'seatlog.outcome': 'too-large' } },
    ]);
  });
});
