/**
 * The lane for what a flash sale is made of: straight on the server, in front of Express, which costs more
 * than all that stands behind an order. It differs in how an endpoint is found, and in nothing else.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Endpoint } from './endpoint.ts';
import { decodeParams, inOrder, type PathMatcher, pathMatcher } from './paths.ts';
import { pathOf } from './raw-call.ts';
import type { Serve } from './serve.ts';

/**
 * Addresses that are read in one way only. Express reads others (a fragment, a whole URL) in ways of its own,
 * so they are left to it.
 */
const PLAIN_TARGET = /^\/[^#\u00a0\ufeff]*$/;

/** False when none of its endpoints is asked for: then nothing has happened to the request. */
export type LeanLane = (request: IncomingMessage, response: ServerResponse) => boolean;

type Route = { readonly endpoint: Endpoint; readonly matches: PathMatcher };
type Routes = { readonly literal: Map<string, Endpoint>; readonly withParams: Route[] };

export const createLeanLane = (endpoints: readonly Endpoint[], serve: Serve): LeanLane => {
  const byMethod = new Map<string, Routes>();
  for (const endpoint of inOrder(endpoints)) {
    const routes: Routes = byMethod.get(endpoint.method) ?? { literal: new Map(), withParams: [] };
    byMethod.set(endpoint.method, routes);
    if (!endpoint.path.includes(':')) routes.literal.set(endpoint.path, endpoint);
    else routes.withParams.push({ endpoint, matches: pathMatcher(endpoint.path) });
  }
  return (request, response) => {
    const routes = byMethod.get(request.method === 'HEAD' ? 'GET' : (request.method ?? ''));
    const target = request.url ?? '';
    if (routes === undefined || !PLAIN_TARGET.test(target)) return false;
    const path = pathOf(target);
    const literal = routes.literal.get(path);
    if (literal !== undefined) {
      void serve(literal, request, response, {});
      return true;
    }
    for (const { endpoint, matches } of routes.withParams) {
      const params = matches(path);
      if (params === undefined) continue;
      void serve(endpoint, request, response, decodeParams(params));
      return true;
    }
    return false;
  };
};
