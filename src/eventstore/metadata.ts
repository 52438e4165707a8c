/**
 * What travels with every event besides its data: why it happened, who did it, in which form it is stored,
 * and the trace it belongs to. The `$` names are those that EventStoreDB's own tools know.
 */
import { type Context, context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';

export type EventContext = {
  /** The same for everything that one request set off. */
  readonly correlationId: string;
  /** The id of the command or event that caused this one. */
  readonly causationId: string;
  /** Who acted: a user, a process, the system. Never a person's name. */
  readonly actor: string;
  /** How the command was dispatched, where there are several ways; absent on events of older releases. */
  readonly mode?: string | undefined;
};

export type EventMetadata = EventContext & {
  readonly schemaVersion: number;
  /** W3C trace context of the appending span; absent when nothing was traced. */
  readonly traceparent?: string;
  readonly tracestate?: string;
};

type Carrier = { traceparent?: string; tracestate?: string };

/** The active span's W3C headers, by the propagator the process has registered; empty without one. */
export function traceCarrier(): Carrier {
  const carrier: Carrier = {};
  propagation.inject(context.active(), carrier);
  return carrier;
}

/** The remote context an event was appended in, to link or to continue. */
export function traceContextOf(metadata: Pick<EventMetadata, 'traceparent' | 'tracestate'>): Context {
  return propagation.extract(ROOT_CONTEXT, metadata);
}

const utf8 = new TextEncoder();

/** The stored form. Bytes, because the client would otherwise serialize the same object for every event. */
export function encodeMetadata(event: EventContext, schemaVersion: number, carrier: Carrier): Uint8Array {
  return utf8.encode(
    JSON.stringify({
      $correlationId: event.correlationId,
      $causationId: event.causationId,
      schemaVersion,
      actor: event.actor,
      mode: event.mode,
      traceparent: carrier.traceparent,
      tracestate: carrier.tracestate,
    }),
  );
}

/**
 * By hand and not by zod, because it runs for every event ever read. Answers the issues where it does not
 * fit.
 */
export function decodeMetadata(stored: unknown): EventMetadata | { readonly issues: readonly string[] } {
  if (typeof stored !== 'object' || stored === null) return { issues: ['metadata: missing'] };
  const raw = stored as Readonly<Record<string, unknown>>;
  const correlationId = raw['$correlationId'];
  const causationId = raw['$causationId'];
  const { actor, mode, schemaVersion, traceparent, tracestate } = raw;
  if (
    typeof correlationId === 'string' &&
    typeof causationId === 'string' &&
    typeof actor === 'string' &&
    isVersion(schemaVersion)
  ) {
    // Assigned and not spread, which costs more than all the rest.
    const metadata: Writable<EventMetadata> = { correlationId, causationId, actor, schemaVersion };
    if (typeof mode === 'string') metadata.mode = mode;
    if (typeof traceparent === 'string') metadata.traceparent = traceparent;
    if (typeof tracestate === 'string') metadata.tracestate = tracestate;
    return metadata;
  }
  return { issues: metadataIssues({ correlationId, causationId, actor }, schemaVersion) };
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

function metadataIssues(texts: Readonly<Record<string, unknown>>, schemaVersion: unknown): string[] {
  const issues = Object.entries(texts)
    .filter(([, value]) => typeof value !== 'string')
    .map(([name]) => `metadata.${name}: not a text`);
  if (!isVersion(schemaVersion)) issues.push('metadata.schemaVersion: not a whole number from 1');
  return issues;
}
