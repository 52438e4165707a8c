/**
 * Bodies of requests: read up to a limit and no further, and taken for JSON only where they say so and are.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Reply } from './endpoint.ts';
import { type RefusalDetails, refusal } from './refusals.ts';

const NOTHING = Buffer.alloc(0);
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
/** The one name that could reach a prototype, in clear or escaped. */
const SUSPICIOUS = /__proto__|\\u005f/i;

export type BodyRead =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  /** The caller went before it had said all. */
  | { readonly kind: 'gone' };

/** Keeps at most `limitBytes`, whether the length was announced or comes in chunks. Never rejects. */
export const readBody = (request: IncomingMessage, limitBytes: number): Promise<BodyRead> => {
  const { 'content-length': announced, 'transfer-encoding': transfer } = request.headers;
  if (announced === undefined && transfer === undefined) {
    return Promise.resolve({ kind: 'read', bytes: NOTHING });
  }
  // What is not read is thrown away by the server behind the answer.
  if (Number(announced) > limitBytes) return Promise.resolve({ kind: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (read: BodyRead): void => {
      request.off('data', onData).off('end', onEnd).off('error', onGone).off('close', onGone);
      // An error that comes later must not be nobody's.
      request.on('error', () => undefined);
      resolve(read);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      settle({ kind: 'too_large' });
      request.resume();
    };
    const onEnd = (): void => settle({ kind: 'read', bytes: joined(chunks) });
    const onGone = (): void => settle({ kind: 'gone' });
    if (request.destroyed) onGone();
    else request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
  });
};

const joined = (chunks: readonly Buffer[]): Buffer => {
  const [first] = chunks;
  return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
};

export type ParsedJson =
  | { readonly kind: 'parsed'; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** An empty body is `undefined`: whether something must be there is the schema's to say. */
export const parseJson = (bytes: Buffer, headers: IncomingHttpHeaders): ParsedJson => {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refused('unsupported_encoding', { detail: 'Send the body as it is, without Content-Encoding.' });
  }
  if (bytes.length === 0) return { kind: 'parsed', value: undefined };
  const type = headers['content-type'];
  if (type !== 'application/json' && !JSON_TYPE.test(type ?? '')) {
    return refused('unsupported_encoding', { detail: 'Content-Type must be application/json, in UTF-8.' });
  }
  if (!isUtf8(bytes)) return refused('malformed_request', { detail: 'The body is not UTF-8.' });
  try {
    return { kind: 'parsed', value: parseSafely(bytes.toString('utf8')) };
  } catch {
    return refused('malformed_request', { detail: 'The body is not JSON.' });
  }
};

const refused = (
  code: 'malformed_request' | 'unsupported_encoding',
  details: RefusalDetails,
): ParsedJson => ({
  kind: 'refused',
  reply: refusal(code, details),
});

const parseSafely = (text: string): unknown =>
  SUSPICIOUS.test(text) ? JSON.parse(text, withoutPrototypes) : JSON.parse(text);

const withoutPrototypes = (name: string, value: unknown): unknown => {
  if (name === '__proto__') throw new SyntaxError('a field that is named like a prototype');
  return value;
};
