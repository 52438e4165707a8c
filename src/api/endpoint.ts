/**
 * What an endpoint of the API is: who may call it, what it takes, and a plain function from the parsed call
 * to a reply. It knows nothing of the server in front of it, so that one contract is served by two lanes.
 */
import type { z } from 'zod';
import type { UserId } from '../domain/shared/ids.ts';

/** `buyer`: any verified token. `operator`: a token with the scope `operator`. */
export type Access = 'public' | 'buyer' | 'operator';

export type Identity = { readonly userId: UserId; readonly scopes: ReadonlySet<string> };

export type Call<Who extends Access = Access, Params = unknown, Query = unknown, Body = unknown> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came, for signatures over it. */
  readonly rawBody: Uint8Array;
  readonly header: (name: string) => string | undefined;
  readonly identity: Who extends 'public' ? undefined : Identity;
  /** Of the caller if it named one, else made here; it is in the answer and on every event. */
  readonly correlationId: string;
  /** Aborts when the caller has gone, and at the latest when the answer is complete. */
  readonly signal: AbortSignal;
};

type Headers = Readonly<Record<string, string>>;

export type Reply =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly headers?: Headers }
  | {
      readonly kind: 'bytes';
      readonly status: number;
      readonly contentType: string;
      readonly bytes: string | Uint8Array;
      readonly headers?: Headers;
    }
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: Headers }
  /** Server-sent events; ends with the iteration, or when the caller has gone. */
  | { readonly kind: 'events'; readonly events: AsyncIterable<ServerSentEvent> };

export type ServerSentEvent = { readonly event: string; readonly data: unknown };

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export type Endpoint = {
  readonly method: Method;
  /** With parameters as in `/orders/:orderNumber/status`. */
  readonly path: string;
  readonly access: Access;
  /** One sentence, for the API's description. */
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Headers of its own that a request may have, and what they say, for the API's description. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Larger or smaller than the engine's limit for bodies. */
  readonly bodyLimitBytes?: number;
  /** What a success looks like, by status, for the API's description. */
  readonly answers: Readonly<Record<number, z.ZodType | string>>;
  readonly handle: (call: never) => Promise<Reply> | Reply;
};

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** Ties the handler's call to the schemas beside it. */
export function endpoint<
  Who extends Access,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(
  description: Omit<Endpoint, 'access' | 'params' | 'query' | 'body' | 'handle'> & {
    readonly access: Who;
    readonly params?: Params;
    readonly query?: Query;
    readonly body?: Body;
    readonly handle: (call: Call<Who, Parsed<Params>, Parsed<Query>, Parsed<Body>>) => Promise<Reply> | Reply;
  },
): Endpoint {
  return description as Endpoint;
}

export const json = (status: number, body: unknown, headers: Headers = {}): Reply => ({
  kind: 'json',
  status,
  body,
  headers,
});
