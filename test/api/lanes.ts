/** A server with endpoints of a test behind one lane, and tokens for those who call it. */

import type { Endpoint } from '../../src/api/endpoint.ts';
import { createHttp, type HttpOptions } from '../../src/api/http.ts';
import { createTokenVerifier, mintToken } from '../../src/api/identity.ts';
import type { Lane } from '../../src/api/serve.ts';
import { listen } from '../../src/api/server.ts';
import { userIdSchema } from '../../src/domain/shared/ids.ts';

export const lanes: readonly Lane[] = ['lean', 'express'];
export const tokenKey = new Uint8Array(32).fill(7);

export type LaneServer = {
  readonly port: number;
  /** What was logged, newest last. */
  readonly logged: readonly { readonly error: unknown; readonly path: string }[];
  readonly endStreams: () => void;
  readonly close: (waitMs?: number) => Promise<void>;
};

export async function startLane(
  lane: Lane,
  endpoints: readonly Endpoint[],
  options: Partial<HttpOptions> = {},
): Promise<LaneServer> {
  const logged: { error: unknown; path: string }[] = [];
  const http = createHttp({
    endpoints,
    isHot: () => lane === 'lean',
    bodyLimitBytes: 1_000,
    verifyToken: createTokenVerifier({ key: tokenKey }),
    isUnavailable: (error) => error instanceof Error && error.message === 'away',
    logError: (error, path) => logged.push({ error, path }),
    limits: { userWritesPerSecond: 0 },
    ...options,
  });
  const server = await listen(http.listener, '127.0.0.1', 0);
  return {
    port: server.port,
    logged,
    endStreams: http.endStreams,
    close: (waitMs = 0) => server.close(waitMs),
  };
}

export const tokenOf = (user: string, scopes: readonly string[] = [], ttlSeconds = 60): Promise<string> =>
  mintToken(tokenKey, { userId: userIdSchema.parse(user), scopes, ttlSeconds, nowMs: Date.now() });

export const bearer = async (user: string, scopes: readonly string[] = []) => ({
  authorization: `Bearer ${await tokenOf(user, scopes)}`,
});
