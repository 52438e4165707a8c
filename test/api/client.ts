/** A client that changes nothing about what it is told to send, and reads an answer to its end. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const ANSWER_TIMEOUT_MS = 5_000;

export type Asked = {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks, without announcing its length. */
  readonly chunked?: boolean;
};

export type Answered = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; fails the test when it is none. */
  readonly json: () => Record<string, unknown>;
};

/** Rejects when no answer comes in five seconds. */
export async function ask(port: number, asked: Asked): Promise<Answered> {
  const { method = 'GET', path, headers = {}, body, chunked = false } = asked;
  const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method,
    path,
    headers: { ...length, ...headers } as Record<string, string>,
    agent: false,
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const response = once(request, 'response');
  if (chunked && body !== undefined) for (const byte of Buffer.from(body)) request.write(Buffer.of(byte));
  request.end(chunked ? undefined : body);
  const [message] = await response;
  const answer = await text(message);
  return {
    status: message.statusCode,
    headers: message.headers,
    text: answer,
    json: () => JSON.parse(answer),
  };
}

/**
 * Sends bytes as they are and reads until the server closes the connection. Rejects when it does not. `hangsUp`: says
 * behind them that nothing follows. Node then closes at once, and an answer that is not written yet is lost.
 */
export async function talk(
  port: number,
  bytes: string | Uint8Array,
  { hangsUp = false } = {},
): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(ANSWER_TIMEOUT_MS, () =>
    socket.destroy(new Error('The server neither answers nor closes.')),
  );
  if (hangsUp) socket.end(bytes);
  else socket.write(bytes);
  return text(socket);
}
