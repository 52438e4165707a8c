/**
 * Paths of endpoints: matched for the lean lane, ordered for both lanes, and asked which methods an address
 * takes.
 */
import type { Endpoint } from './endpoint.ts';

type Segment = { readonly param: string } | { readonly literal: string };

/** Finds the values of a path's parameters, undecoded; undefined where the path is another. */
export type PathMatcher = (path: string) => Record<string, string> | undefined;

const segmentsOf = (path: string): readonly Segment[] =>
  path
    .slice(1)
    .split('/')
    .map((text) => (text.startsWith(':') ? { param: text.slice(1) } : { literal: text }));

/** Case and trailing slashes count: an address has one spelling. */
export const pathMatcher = (path: string): PathMatcher => {
  const segments = segmentsOf(path);
  if (segments.every((segment) => 'literal' in segment)) return (asked) => (asked === path ? {} : undefined);
  return (asked) => {
    const texts = asked.split('/');
    if (texts.length !== segments.length + 1) return undefined;
    const params: Record<string, string> = {};
    for (const [index, segment] of segments.entries()) {
      const text = texts[index + 1] ?? '';
      if ('literal' in segment) {
        if (segment.literal !== text) return undefined;
      } else {
        if (text === '') return undefined;
        params[segment.param] = text;
      }
    }
    return params;
  };
};

/** Undefined where the percent-encoding of a parameter is broken. */
export const decodeParams = (params: Record<string, string>): Record<string, string> | undefined => {
  try {
    for (const name in params) {
      const text = params[name] ?? '';
      if (text.includes('%')) params[name] = decodeURIComponent(text);
    }
    return params;
  } catch {
    return undefined;
  }
};

/**
 * Sorted so that `/programs/facets` is asked before `/programs/:programId`, whatever order they are listed
 * in. Throws when two endpoints answer the same: the second would never be reached.
 */
export const inOrder = (endpoints: readonly Endpoint[]): readonly Endpoint[] => {
  const keys = new Set<string>();
  for (const { method, path } of endpoints) {
    const key = `${method} ${path.replaceAll(/:[^/]+/g, ':')}`;
    if (keys.has(key)) throw new Error(`Two endpoints answer ${method} ${path}.`);
    keys.add(key);
  }
  // A colon sorts behind nothing that a literal begins with, once it is the highest character there is.
  const rank = (path: string): string => path.replaceAll(':', '\u{10ffff}');
  const compare = (one: string, other: string): number => (one === other ? 0 : one < other ? -1 : 1);
  return [...endpoints].sort((one, other) => compare(rank(one.path), rank(other.path)));
};

/** Which methods an address takes, HEAD and OPTIONS included; none for an address that nothing answers. */
export const createMethodsOf = (endpoints: readonly Endpoint[]): ((path: string) => readonly string[]) => {
  const routes = endpoints.map(({ method, path }) => ({ method, matches: pathMatcher(path) }));
  return (path) => {
    const methods = new Set<string>(
      routes.filter(({ matches }) => matches(path) !== undefined).map(({ method }) => method),
    );
    if (methods.size === 0) return [];
    if (methods.has('GET')) methods.add('HEAD');
    return [...methods, 'OPTIONS'].sort();
  };
};
