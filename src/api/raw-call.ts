/**
 * A request as it came, before anybody has looked into it. Both lanes make one, so that everything behind it
 * is the same code.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type BodyRead, readBody } from './body.ts';

const CORRELATION_ID = /^[\x21-\x7e]{1,64}$/;

export type RawCall = {
  /** Decoded; undefined where their percent-encoding is broken. */
  readonly params: Readonly<Record<string, string>> | undefined;
  /** What is behind the `?`, undecoded. */
  readonly search: string;
  readonly headers: IncomingHttpHeaders;
  readonly address: string;
  readonly correlationId: string;
  readonly signal: AbortSignal;
  readonly readBody: (limitBytes: number) => Promise<BodyRead>;
};

export const rawCallOf = (
  request: IncomingMessage,
  response: ServerResponse,
  params: RawCall['params'],
): RawCall => {
  let signal: AbortSignal | undefined;
  return {
    params,
    search: searchOf(request.url ?? ''),
    headers: request.headers,
    address: request.socket.remoteAddress ?? '',
    correlationId: correlationIdOf(request.headers),
    // Made when it is asked for: most handlers end sooner than anyone could go.
    get signal() {
      signal ??= goneSignal(response);
      return signal;
    },
    readBody: (limitBytes) => readBody(request, limitBytes),
  };
};

/** The path of a request target, undecoded. */
export const pathOf = (target: string): string => {
  const end = target.indexOf('?');
  return end === -1 ? target : target.slice(0, end);
};

const searchOf = (target: string): string => {
  const end = target.indexOf('?');
  return end === -1 ? '' : target.slice(end + 1);
};

/**
 * The caller's own, so that its logs and ours can be read together; a new one where it names none worth
 * keeping.
 */
export const correlationIdOf = (headers: IncomingHttpHeaders): string => {
  const given = headers['x-correlation-id'] ?? headers['x-request-id'];
  return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
};

/**
 * Also when the answer is complete: whoever still works for it then, as a source of events may, works for
 * nobody.
 */
const goneSignal = (response: ServerResponse): AbortSignal => {
  const gone = new AbortController();
  if (response.closed || response.destroyed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
};
