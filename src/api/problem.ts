/** Every refusal of the API in one shape: application/problem+json, RFC 9457. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';

const SERVER_ERROR = 500;

type Problem = { readonly status: number; readonly title: string; readonly detail?: string };

function sendProblem(response: Response, problem: Problem): void {
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Answers what no route has answered. */
export const notFound: RequestHandler = (request, response) => {
  sendProblem(response, {
    status: 404,
    title: 'Not found',
    detail: `Nothing answers ${request.method} ${request.path}.`,
  });
};

/** Turns a thrown error into an answer: a client's mistake keeps its reason, ours is only logged. */
export function errorHandler(logError: (error: unknown, path: string) => void): ErrorRequestHandler {
  // Express tells an error handler from others by its four parameters.
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = toProblem(error);
    if (problem.status >= SERVER_ERROR) logError(error, request.path);
    sendProblem(response, problem);
  };
}

/** Titles for the errors that Express's own body parser and router raise. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Malformed request',
  413: 'Request body too large',
  415: 'Unsupported encoding of the request body',
};

function toProblem(error: unknown): Problem {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : SERVER_ERROR;
  if (!(error instanceof Error) || !(status >= 400 && status < SERVER_ERROR)) {
    return { status: SERVER_ERROR, title: 'Internal error' };
  }
  return { status, title: TITLES[status] ?? 'Refused', detail: error.message };
}
