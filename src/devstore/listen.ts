/** Binds the server's port, and says in one sentence why it cannot. */
import { createServer } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';

/** The port cannot be listened on. The message is a sentence for people. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** Resolves to the port in use, which differs from `port` where that is 0. Rejects with ListenError. */
export const listen = async (server: Server, host: string, port: number): Promise<number> => {
  await probe(host, port);
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (cause, bound) => {
      if (cause === null) resolve(bound);
      else reject(new ListenError(`cannot listen on ${host}:${port}: ${cause.message}`, { cause }));
    });
  });
};

/** gRPC logs a failed bind by itself and loses its reason, so the address is tried plainly first. */
const probe = (host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createServer();
    socket.once('error', (cause: NodeJS.ErrnoException) => {
      const reason = REASONS[cause.code ?? ''] ?? cause.message;
      reject(new ListenError(`cannot listen on ${host}:${port}: ${reason}`, { cause }));
    });
    socket.listen(port, host, () => socket.close(() => resolve()));
  });

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'this user may not use the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'the address is not known',
};
