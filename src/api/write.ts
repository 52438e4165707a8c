/** Replies on their way out: one way to write each kind, whichever lane it leaves by. */
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Reply } from './endpoint.ts';

export type Envelope = {
  readonly correlationId: string;
  /** Answered like GET, without the body. */
  readonly isHead: boolean;
};

export type WrittenReply = Exclude<Reply, { readonly kind: 'events' }>;

/** Throws before anything is sent for a body that has no JSON, or a header that no header may be. */
export const writeReply = (response: ServerResponse, reply: WrittenReply, envelope: Envelope): void => {
  const headers = baseHeaders(envelope.correlationId);
  if (reply.headers !== undefined) {
    for (const name in reply.headers) headers[name.toLowerCase()] = reply.headers[name];
  }
  if (reply.kind === 'empty') {
    response.writeHead(reply.status, headers).end();
    return;
  }
  const body = reply.kind === 'json' ? JSON.stringify(reply.body) : reply.bytes;
  headers['content-type'] = reply.kind === 'json' ? 'application/json; charset=utf-8' : reply.contentType;
  headers['content-length'] = Buffer.byteLength(body);
  response.writeHead(reply.status, headers);
  if (envelope.isHead) response.end();
  else response.end(body);
};

/** Nothing is cached unless its endpoint says so. */
export const baseHeaders = (correlationId: string): OutgoingHttpHeaders => ({
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-correlation-id': correlationId,
});
