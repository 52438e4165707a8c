/** Settles which loopback port a server of ours gets, before it is started and fails in its own words. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { StoreError } from './error.ts';

export const LOOPBACK = '127.0.0.1';

/**
 * Below the range from which systems give ports to outgoing connections and to listeners on 0: a port from there
 * could be taken by anybody between this check and the moment the server of ours listens.
 */
const FREE_FROM = 20_000;
const FREE_TO = 32_000;
const MAX_TRIES = 50;

/**
 * The wanted port if nobody listens on it, or a free one for 0. Throws `StoreError` naming port and setting.
 */
export async function settlePort(wanted: number, settingName: string, host = LOOPBACK): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const port = wanted === 0 ? randomInt(FREE_FROM, FREE_TO) : wanted;
    try {
      await tryPort(port, host);
      return port;
    } catch (cause) {
      if (wanted !== 0 || tries === MAX_TRIES) throw portError(port, settingName, host, cause);
    }
  }
}

async function tryPort(port: number, host: string): Promise<void> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
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
