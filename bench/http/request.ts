/** A request as it goes over the wire, made before the clock starts. */

export type WireRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly token: string;
  readonly idempotencyKey?: string;
  /** Plain ASCII when it is JSON. */
  readonly body?: object;
};

export const requestBytes = ({ method, path, token, idempotencyKey, body }: WireRequest): Buffer => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const head = [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${token}`];
  if (body !== undefined) head.push('Content-Type: application/json', `Content-Length: ${text.length}`);
  if (idempotencyKey !== undefined) head.push(`Idempotency-Key: ${idempotencyKey}`);
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
};
