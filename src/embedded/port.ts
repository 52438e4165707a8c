/** Settles which loopback port a server of ours gets, before it is started and fails in its own words. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { StoreError } from './error.ts';

export const LOOPBACK = '127.0.0.1';

/**
 * The wanted port if nobody listens on it, or a free one for 0. Throws `StoreError` naming port and setting.
 */
export async function settlePort(wanted: number, settingName: string, host = LOOPBACK): Promise<number> {
  const server = createServer();
  try {
    server.listen(wanted, host);
    await once(server, 'listening');
  } catch (cause) {
    throw portError(wanted, settingName, host, cause);
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : wanted;
}

function portError(port: number, settingName: string, host: string, cause: unknown): StoreError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    return new StoreError(
      `Port ${port} is in use by another program: stop it, or set ${settingName} to another port (0 picks a free one).`,
      { cause },
    );
  }
  if (code === 'EACCES') {
    return new StoreError(
      `This user may not listen on port ${port}: set ${settingName} to a port above 1023.`,
      { cause },
    );
  }
  return new StoreError(`Listening on ${host}:${port} failed (${code ?? cause}): check ${settingName}.`, {
    cause,
  });
}
