/** Binds the application to a port, and unbinds it without cutting off requests that are being answered. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

const SECOND_MS = 1_000;
/** How long servers wait: for the head of a request, for all of it, and for the next one on a connection. */
const TIMEOUTS = {
  headersTimeout: 10 * SECOND_MS,
  requestTimeout: 30 * SECOND_MS,
  // Longer than the balancers in front keep a connection, so that they close it and never meet a closed one.
  keepAliveTimeout: 65 * SECOND_MS,
  connectionsCheckingInterval: 5 * SECOND_MS,
};
const MAX_HEADER_BYTES = 16_384;
/** A connection that falls idle while the server closes is closed this soon. */
const IDLE_SWEEP_MS = 20;

export type HttpServer = {
  readonly port: number;
  /**
   * Takes no new request, lets the running ones finish for at most `waitMs`, then closes their connections.
   */
  close(waitMs: number): Promise<void>;
};

/** Rejects with the system's error, for example EADDRINUSE, when the address cannot be bound. */
export async function listen(listener: RequestListener, host: string, port: number): Promise<HttpServer> {
  const server = createServer({ ...TIMEOUTS, maxHeaderSize: MAX_HEADER_BYTES }, listener);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close(waitMs) {
      const closed = once(server, 'close');
      const late = setTimeout(() => server.closeAllConnections(), waitMs);
      server.close();
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
      await closed;
      clearTimeout(late);
      clearInterval(sweep);
    },
  };
}
