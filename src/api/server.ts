/** Binds the application to a port, and unbinds it without cutting off requests that are being answered. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';

export type HttpServer = {
  readonly port: number;
  /** Takes no new request, lets the running ones finish for at most `waitMs`, then closes their connections. */
  close(waitMs: number): Promise<void>;
};

/** Rejects with the system's error, for example EADDRINUSE, when the address cannot be bound. */
export async function listen(listener: RequestListener, host: string, port: number): Promise<HttpServer> {
  const server = createServer(listener);
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close(waitMs) {
      const closed = once(server, 'close');
      const late = setTimeout(() => server.closeAllConnections(), waitMs);
      server.close();
      await closed;
      clearTimeout(late);
    },
  };
}
