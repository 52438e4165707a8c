/**
 * The words a stored event is addressed by. They are branded so that a stream name is never passed where an
 * event id belongs; at run time they are plain strings.
 */
type Branded<Name extends string> = string & { readonly __brand: Name };

/** `{Category}-{id}`; a category has no dash. */
export type StreamName = Branded<'StreamName'>;
/** A UUID; two appends of the same event carry the same id. */
export type EventId = Branded<'EventId'>;

const CATEGORY = /^[A-Za-z][A-Za-z0-9]*$/;

/**
 * Joins the parts of a composite id with `_`. Throws when the category or the id cannot be told apart later.
 */
export function streamName(category: string, ...idParts: readonly string[]): StreamName {
  if (!CATEGORY.test(category)) throw new Error(`"${category}" is not a stream category.`);
  if (idParts.length === 0 || idParts.includes('')) throw new Error(`A ${category} stream needs an id.`);
  return `${category}-${idParts.join('_')}` as StreamName;
}

/** The part before the first dash, as it is used in filters and in telemetry. */
export function categoryOf(stream: string): string {
  const dash = stream.indexOf('-');
  return dash === -1 ? stream : stream.slice(0, dash);
}
