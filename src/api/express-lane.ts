/**
 * The lane for everything: an Express application made of endpoints, and the answers where there is no
 * endpoint.
 */
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express';
import type { LogError } from './answer.ts';
import type { Endpoint, Method } from './endpoint.ts';
import { badPercent } from './parse.ts';
import { createMethodsOf, inOrder } from './paths.ts';
import { correlationIdOf } from './raw-call.ts';
import { refusal } from './refusals.ts';
import type { Serve } from './serve.ts';
import { type WrittenReply, writeReply } from './write.ts';

const MAX_SHOWN_CHARACTERS = 200;
const verbs = { GET: 'get', POST: 'post', PUT: 'put', DELETE: 'delete' } as const satisfies Record<
  Method,
  string
>;

/** Throws when two endpoints answer the same. */
export const createExpressLane = (
  endpoints: readonly Endpoint[],
  serve: Serve,
  logError: LogError,
): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  for (const endpoint of inOrder(endpoints)) {
    // Its own endpoints have parameters of one segment only, which are texts.
    app[verbs[endpoint.method]](endpoint.path, (request: Request<Record<string, string>>, response) =>
      serve(endpoint, request, response, request.params),
    );
  }
  app.use(unanswered(createMethodsOf(endpoints)));
  app.use(broken(logError));
  return app;
};

const unanswered = (methodsOf: (path: string) => readonly string[]): RequestHandler => {
  const reply = ({ method, path }: Request): WrittenReply => {
    const methods = methodsOf(path);
    if (methods.length === 0) {
      const detail = `Nothing answers ${method} ${path.slice(0, MAX_SHOWN_CHARACTERS)}.`;
      return refusal('not_found', { detail });
    }
    const headers = { allow: methods.join(', ') };
    return method === 'OPTIONS'
      ? { kind: 'empty', status: 204, headers }
      : refusal('method_not_allowed', { headers });
  };
  return (request, response) => send(request, response, reply(request));
};

/**
 * What Express itself refuses: a parameter whose percent-encoding is broken. Anything else is a fault of
 * ours.
 */
const broken = (logError: LogError): ErrorRequestHandler => {
  // Express tells an error handler from others by its four parameters.
  return (error: unknown, request, response, _next) => {
    if (error instanceof URIError) return send(request, response, badPercent);
    logError(error, '(routing)', correlationIdOf(request.headers));
    return send(request, response, refusal('internal_error'));
  };
};

const send = (request: Request, response: Parameters<RequestHandler>[1], reply: WrittenReply): void => {
  const envelope = { correlationId: correlationIdOf(request.headers), isHead: request.method === 'HEAD' };
  writeReply(response, reply, envelope);
};
