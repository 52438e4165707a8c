/**
 * Where a page of a list ended, as an opaque text: the keys of its last row. Pages by keys cost the same at
 * any depth, and nothing appears twice because a row was added meanwhile.
 */
import { z } from 'zod';

const MAX_CURSOR_CHARACTERS = 500;
const keysSchema = z.array(z.union([z.string(), z.int()])).max(8);
type Key = z.infer<typeof keysSchema>[number];

/** `list` names the list and its order, so that a cursor of one is never taken for another's. */
export const writeCursor = (list: string, keys: readonly Key[]): string =>
  Buffer.from(JSON.stringify([list, ...keys])).toString('base64url');

/** Undefined for a text that is not a cursor of this list. */
export const readCursor = (list: string, text: string): readonly Key[] | undefined => {
  if (text.length > MAX_CURSOR_CHARACTERS) return undefined;
  const [name, ...keys] = keysSchema.safeParse(parsed(text)).data ?? [];
  return name === list ? keys : undefined;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
};

export type Page<Item> = {
  readonly kind: 'page';
  readonly items: readonly Item[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
};
export type CursorRefused = { readonly kind: 'refused'; readonly code: 'cursor_malformed' };
export const cursorRefused: CursorRefused = { kind: 'refused', code: 'cursor_malformed' };

export const MAX_PAGE_SIZE = 100;

/** At least 1 and at most `MAX_PAGE_SIZE`, whatever was asked for. */
export const boundedLimit = (limit: number): number =>
  Math.min(Math.max(Math.trunc(limit) || 1, 1), MAX_PAGE_SIZE);

/** `rows` were selected with a limit of one more than `limit`. */
export const pageOf = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? cursorOf(last) : undefined;
  return { kind: 'page', items: shown.map(itemOf), next };
};
