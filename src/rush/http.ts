/** Calls to the engine over kept connections: JSON in, JSON out, and two kinds of failure told apart. */
import { Pool } from 'undici';

const SECOND_MS = 1_000;
/** Below what servers wait, so that a connection is not closed under a request. */
const KEEP_ALIVE_MS = 3 * SECOND_MS;
const ANSWER_TIMEOUT_MS = 60 * SECOND_MS;

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** With a leading slash; joined to the engine's address. */
  readonly path: string;
  readonly token?: string;
  readonly idempotencyKey?: string;
  readonly body?: unknown;
};

export type Answer = {
  readonly status: number;
  /** Undefined when it was no JSON. */
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
};

/** No answer came: whether the request was served is unknown. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

export type Http = {
  /** Resolves with whatever was answered. Rejects with `ConnectionLost`. */
  readonly send: (request: Request) => Promise<Answer>;
  readonly close: () => Promise<void>;
};

/**
 * Requests take turns among the addresses, as behind a balancer, so that what is sent again goes to another one.
 * Each gets the connections that all could need. Connects when it has to. Throws for an address that is none.
 */
export function openHttps(urls: readonly string[], connections: number): Http {
  const all = urls.map((url) => openHttp(url, connections));
  let turn = 0;
  return {
    send: async (request) => {
      const http = all[turn % all.length];
      turn += 1;
      if (http === undefined) throw new Error('There is no address to send to.');
      return http.send(request);
    },
    close: async () => {
      await Promise.all(all.map((http) => http.close()));
    },
  };
}

function openHttp(url: string, connections: number): Http {
  const { origin, pathname } = new URL(url);
  const prefix = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  return {
    send: async (request) => {
      try {
        const { statusCode, headers, body } = await pool.request({
          method: request.method,
          path: prefix + request.path,
          headers: headersOf(request),
          body: request.body === undefined ? null : JSON.stringify(request.body),
        });
        const text = await body.text();
        return { status: statusCode, body: parsed(text), retryAfterMs: retryAfterMs(headers['retry-after']) };
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new ConnectionLost(`${request.method} ${request.path}: ${reason}`, { cause });
      }
    },
    close: () => pool.destroy(),
  };
}

function headersOf({ token, idempotencyKey, body }: Request): Record<string, string> {
  return {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
  };
}

function parsed(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds or an HTTP date. */
function retryAfterMs(value: string | string[] | undefined): number | undefined {
  if (typeof value !== 'string') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * SECOND_MS);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
