/** The HTTP application: which routes there are and in which order a request meets them. */
import express, { type Express } from 'express';
import { type HealthOptions, healthRoutes } from './health.ts';
import { homePage } from './home.ts';
import { errorHandler, notFound } from './problem.ts';

export type AppOptions = {
  readonly version: string;
  readonly bodyLimitBytes: number;
  readonly health: HealthOptions;
  readonly logError: (error: unknown, path: string) => void;
};

export function createApp(options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(express.json({ limit: options.bodyLimitBytes }));
  app.get('/', homePage(options.version));
  app.use(healthRoutes(options.health));
  app.use(notFound);
  app.use(errorHandler(options.logError));
  return app;
}
