/** The smallest API there is: the page behind the address, and health. */
import type { RequestListener } from 'node:http';
import { type HealthOptions, healthEndpoints } from './health.ts';
import { homeEndpoint } from './home.ts';
import { createHttp } from './http.ts';

export type AppOptions = {
  readonly version: string;
  readonly bodyLimitBytes: number;
  readonly health: HealthOptions;
  readonly logError: (error: unknown, path: string) => void;
};

export function createApp({ version, bodyLimitBytes, health, logError }: AppOptions): RequestListener {
  return createHttp({
    endpoints: [homeEndpoint(version), ...healthEndpoints(health)],
    bodyLimitBytes,
    logError,
    verifyToken: () => ({ kind: 'refused', code: 'unauthenticated' }),
    isUnavailable: () => false,
  }).listener;
}
