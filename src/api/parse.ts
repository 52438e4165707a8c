/**
 * From texts to what a handler takes: every schema of an endpoint is applied here, and its complaints are
 * worded here.
 */
import type { z } from 'zod';
import type { Reply } from './endpoint.ts';
import { refusal } from './refusals.ts';

const MAX_ERRORS = 20;
const MAX_TEXT_CHARACTERS = 200;
/** More parameters than any endpoint has. */
const MAX_QUERY_PARAMETERS = 100;

export type Parsed<Value> =
  | { readonly kind: 'parsed'; readonly value: Value }
  | { readonly kind: 'refused'; readonly reply: Reply };

export type FieldError = { readonly path: string; readonly message: string };

/** Where a value came from: the first part of the path of what is wrong with it. */
export type Place = 'body' | 'query' | 'path' | 'header';

/** Without a schema nothing is taken, and nothing is wrong. */
export const parseWith = (schema: z.ZodType | undefined, value: unknown, place: Place): Parsed<unknown> => {
  if (schema === undefined) return { kind: 'parsed', value: undefined };
  const parsed = schema.safeParse(value);
  if (parsed.success) return { kind: 'parsed', value: parsed.data };
  return { kind: 'refused', reply: invalid(parsed.error.issues.map((issue) => fieldError(place, issue))) };
};

/** 422 with what is wrong, the first twenty of it. */
export const invalid = (errors: readonly FieldError[]): Reply =>
  refusal('invalid_request', { members: { errors: errors.slice(0, MAX_ERRORS) } });

const fieldError = (place: Place, { path, message }: z.core.$ZodIssue): FieldError => ({
  path: [place, ...path.map(String)].join('.').slice(0, MAX_TEXT_CHARACTERS),
  message: message.slice(0, MAX_TEXT_CHARACTERS),
});

/** One text for each name: a name that comes twice would mean different things to different readers. */
export const parseQuery = (search: string): Parsed<Readonly<Record<string, string>>> => {
  const found = new Map<string, string>();
  if (search === '') return { kind: 'parsed', value: {} };
  for (const pair of search.split('&', MAX_QUERY_PARAMETERS + 1)) {
    if (pair === '') continue;
    const end = pair.indexOf('=');
    const name = decoded(end === -1 ? pair : pair.slice(0, end));
    const value = decoded(end === -1 ? '' : pair.slice(end + 1));
    if (name === undefined || value === undefined) return { kind: 'refused', reply: badPercent };
    if (found.has(name)) return { kind: 'refused', reply: repeated(name) };
    found.set(name, value);
  }
  if (found.size > MAX_QUERY_PARAMETERS) return { kind: 'refused', reply: tooMany };
  return { kind: 'parsed', value: Object.fromEntries(found) };
};

const decoded = (text: string): string | undefined => {
  if (!text.includes('%') && !text.includes('+')) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

export const badPercent = refusal('malformed_request', {
  detail: 'The percent-encoding of the address is broken.',
});
const tooMany = invalid([{ path: 'query', message: `more than ${MAX_QUERY_PARAMETERS} parameters` }]);
const repeated = (name: string): Reply =>
  invalid([{ path: `query.${name}`.slice(0, MAX_TEXT_CHARACTERS), message: 'given more than once' }]);
