/**
 * From a request to a reply, the same for both lanes: who calls, how often, with what, then the handler. What
 * is cheap to refuse is refused first, and a body is read only for somebody who may send one.
 */
import { NoNumberError } from '../commands/order-numbers.ts';
import { LockTimeoutError } from '../commands/ports.ts';
import { OverloadedError } from '../commands/warm-stream.ts';
import { parseJson } from './body.ts';
import { createClientAddress } from './client-address.ts';
import type { Access, Call, Endpoint, Identity, Reply } from './endpoint.ts';
import type { TokenVerifier } from './identity.ts';
import { createRateLimit, type Limits } from './limits.ts';
import { badPercent, parseQuery, parseWith } from './parse.ts';
import type { RawCall } from './raw-call.ts';
import { refusal } from './refusals.ts';

const OPERATOR = 'operator';
const BEARER = /^Bearer +(\S+) *$/i;
/** When to come again, in seconds, where nothing says how long the trouble takes. */
const RETRY_SOON = { 'retry-after': '1' };
const RETRY_LATER = { 'retry-after': '2' };

/** `path` is the endpoint's, not the caller's: addresses may hold what no log should. */
export type LogError = (error: unknown, path: string, correlationId: string) => void;

export type AnswerOptions = {
  readonly verifyToken: TokenVerifier;
  readonly bodyLimitBytes: number;
  readonly limits: Limits;
  /** Tells a store that does not answer from a fault of ours. */
  readonly isUnavailable: (error: unknown) => boolean;
  readonly logError: LogError;
};

/** Never rejects. */
export type Answer = (endpoint: Endpoint, raw: RawCall) => Promise<Reply>;

type Step<Value> =
  | ({ readonly kind: 'passed' } & Value)
  | { readonly kind: 'refused'; readonly reply: Reply };
const stop = (reply: Reply) => ({ kind: 'refused', reply }) as const;

export const createAnswer = (options: AnswerOptions): Answer => {
  const admit = createAdmission(options);
  return async (endpoint, raw) => {
    try {
      const admitted = await admit(endpoint, raw);
      if (admitted.kind === 'refused') return admitted.reply;
      const input = await readInput(endpoint, raw, options.bodyLimitBytes);
      if (input.kind === 'refused') return input.reply;
      return await endpoint.handle(callOf(raw, admitted.identity, input) as never);
    } catch (error) {
      return failed(error, endpoint, raw, options);
    }
  };
};

type Admitted = { readonly identity: Identity | undefined };

const createAdmission = ({ verifyToken, limits }: AnswerOptions) => {
  const addressLimit = createRateLimit(limits.addressWritesPerSecond);
  const addressOf = createClientAddress(limits.trustedProxies);
  const userLimit = createRateLimit(limits.userWritesPerSecond);
  return async (endpoint: Endpoint, raw: RawCall): Promise<Step<Admitted>> => {
    const isWrite = endpoint.method !== 'GET';
    if (isWrite) {
      const waitSeconds = await addressLimit(addressOf(raw.address, forwardedFor(raw)));
      if (waitSeconds !== undefined) return stop(rateLimited(waitSeconds));
    }
    if (endpoint.access === 'public') return { kind: 'passed', identity: undefined };
    const identified = await identify(verifyToken, endpoint.access, raw.headers.authorization);
    if (identified.kind === 'refused' || !isWrite) return identified;
    const waitSeconds = await userLimit(identified.identity.userId);
    return waitSeconds === undefined ? identified : stop(rateLimited(waitSeconds));
  };
};

/** Several headers of one name are one list. */
const forwardedFor = ({ headers }: RawCall): string | undefined => {
  const given = headers['x-forwarded-for'];
  return typeof given === 'object' ? given.join(',') : given;
};

const rateLimited = (waitSeconds: number): Reply =>
  refusal('rate_limited', { headers: { 'retry-after': String(waitSeconds) } });

/** RFC 6750 has the words of the challenge. */
const identify = async (
  verifyToken: TokenVerifier,
  access: Access,
  authorization: string | undefined,
): Promise<Step<{ readonly identity: Identity }>> => {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) return stop(refusal('unauthenticated', challenge('Bearer realm="seatlog"')));
  const verdict = await verifyToken(token);
  if (verdict.kind === 'refused') {
    return stop(refusal(verdict.code, challenge('Bearer realm="seatlog", error="invalid_token"')));
  }
  if (access === 'operator' && !verdict.identity.scopes.has(OPERATOR)) {
    const missing = `Bearer realm="seatlog", error="insufficient_scope", scope="${OPERATOR}"`;
    return stop(refusal('forbidden', challenge(missing)));
  }
  return { kind: 'passed', identity: verdict.identity };
};

const challenge = (text: string) => ({ headers: { 'www-authenticate': text } });

type Input = Pick<Call, 'params' | 'query' | 'body' | 'rawBody'>;

const readInput = async (endpoint: Endpoint, raw: RawCall, limitBytes: number): Promise<Step<Input>> => {
  if (raw.params === undefined) return stop(badPercent);
  const params = parseWith(endpoint.params, raw.params, 'path');
  if (params.kind === 'refused') return params;
  const texts = parseQuery(raw.search);
  if (texts.kind === 'refused') return texts;
  const query = parseWith(endpoint.query, texts.value, 'query');
  if (query.kind === 'refused') return query;
  const body = await readInputBody(endpoint, raw, limitBytes);
  if (body.kind === 'refused') return body;
  const { value, rawBody } = body;
  return { kind: 'passed', params: params.value, query: query.value, body: value, rawBody };
};

const NOTHING = { kind: 'passed', value: undefined, rawBody: Buffer.alloc(0) } as const;

/** Only an endpoint with a schema wants JSON; others get the bytes, whatever they are. */
const readInputBody = async (
  endpoint: Endpoint,
  raw: RawCall,
  limitBytes: number,
): Promise<Step<{ readonly value: unknown; readonly rawBody: Uint8Array }>> => {
  if (endpoint.method === 'GET') return NOTHING;
  const read = await raw.readBody(endpoint.bodyLimitBytes ?? limitBytes);
  if (read.kind === 'too_large') return stop(refusal('body_too_large'));
  if (read.kind === 'gone') return stop(refusal('malformed_request', { detail: 'The body has no end.' }));
  if (endpoint.body === undefined) return { kind: 'passed', value: undefined, rawBody: read.bytes };
  const parsed = parseJson(read.bytes, raw.headers);
  if (parsed.kind === 'refused') return parsed;
  const body = parseWith(endpoint.body, parsed.value, 'body');
  return body.kind === 'refused' ? body : { kind: 'passed', value: body.value, rawBody: read.bytes };
};

const callOf = (raw: RawCall, identity: Identity | undefined, input: Input) => ({
  params: input.params,
  query: input.query,
  body: input.body,
  rawBody: input.rawBody,
  identity,
  correlationId: raw.correlationId,
  header: (name: string): string | undefined => {
    const value = raw.headers[name.toLowerCase()];
    return typeof value === 'object' ? value.join(', ') : value;
  },
  get signal() {
    return raw.signal;
  },
});

/** Trouble that passes is said to be that, and is no fault of ours to be logged. */
const failed = (error: unknown, endpoint: Endpoint, raw: RawCall, options: AnswerOptions): Reply => {
  if (error instanceof OverloadedError) return refusal('overloaded', { headers: RETRY_SOON });
  if (error instanceof LockTimeoutError) return refusal('busy', { headers: RETRY_SOON });
  if (error instanceof NoNumberError || options.isUnavailable(error)) {
    return refusal('unavailable', { headers: RETRY_LATER });
  }
  // Work that ended because its caller has gone.
  const isAbandoned = error instanceof Error && error.name === 'AbortError' && raw.signal.aborted;
  if (!isAbandoned) options.logError(error, endpoint.path, raw.correlationId);
  return refusal('internal_error');
};
