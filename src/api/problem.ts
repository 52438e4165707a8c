/** Every refusal of the API in one shape: application/problem+json, RFC 9457. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';

const SERVER_ERROR = 500;

/** `code` is for programs and never changes; `title` and `detail` are for people. */
type Problem = {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
};

function sendProblem(response: Response, problem: Problem): void {
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Answers what no route has answered. */
export const notFound: RequestHandler = (request, response) => {
  sendProblem(response, {
    status: 404,
    code: 'not_found',
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

/** The errors that Express's own body parser and router raise. */
const REFUSALS: Readonly<Record<number, Pick<Problem, 'code' | 'title'>>> = {
  400: { code: 'malformed_request', title: 'Malformed request' },
  413: { code: 'body_too_large', title: 'Request body too large' },
  415: { code: 'unsupported_encoding', title: 'Unsupported encoding of the request body' },
};

function toProblem(error: unknown): Problem {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : SERVER_ERROR;
  if (!(error instanceof Error) || !(status >= 400 && status < SERVER_ERROR)) {
    return { status: SERVER_ERROR, code: 'internal_error', title: 'Internal error' };
  }
  return { status, ...(REFUSALS[status] ?? { code: 'refused', title: 'Refused' }), detail: error.message };
}
