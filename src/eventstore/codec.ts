/**
 * Between the events the engine speaks of and the JSON that is stored for ever: current versions are written,
 * every version ever written is read. Upcasting happens here and nowhere else; data is validated here, on
 * reading, once.
 */
import type { z } from 'zod';
import { CorruptEventError } from './errors.ts';
import { decodeMetadata, type EventMetadata } from './metadata.ts';
import type { EventPlace, StoredEvent } from './stored-event.ts';

/** Turns the data of one schema version into the data of the next. */
type Upcaster = (data: unknown) => unknown;

/**
 * `schema` describes the stored JSON of the current `version`; ids, money and positions beyond 2^53 are
 * strings there. `upcast[n]` leads from version n to n + 1, and every version below the current one needs
 * one.
 */
export type EventDefinition<Type extends string = string, Data = unknown> = {
  readonly type: Type;
  readonly version: number;
  readonly schema: z.ZodType<Data>;
  readonly upcast: Readonly<Record<number, Upcaster>>;
};

/** The event type that a definition describes; over a union of definitions, the union of their events. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Type, infer Data>
    ? { readonly type: Type; readonly data: Data }
    : never;

type Recorded = EventPlace & { readonly metadata: EventMetadata };

export type Decoded<Event> =
  | { readonly kind: 'event'; readonly event: Event & Recorded }
  /** No definition has this type: an event of somebody else, or of a later release. Skip it. */
  | { readonly kind: 'unknown'; readonly stored: StoredEvent };

export type Codec<Event extends { readonly type: string }> = {
  /** The schema version that events of this type are stored with. Throws for a type without definition. */
  readonly versionOf: (type: Event['type']) => number;
  /** Throws `CorruptEventError` when data or metadata do not fit the definition. */
  readonly decode: (stored: StoredEvent) => Decoded<Event>;
  readonly types: readonly Event['type'][];
};

type Draft<Type extends string, Data> = {
  readonly type: Type;
  readonly version: number;
  readonly schema: z.ZodType<Data>;
  readonly upcast?: Readonly<Record<number, Upcaster>>;
};

/** Throws when an upcaster is missing or leads nowhere: better at start than at the first old event. */
export function defineEvent<const Type extends string, Data>(
  draft: Draft<Type, Data>,
): EventDefinition<Type, Data> {
  const { type, version, schema, upcast = {} } = draft;
  const definition = { type, version, schema, upcast };
  checkWay(definition);
  return definition;
}

function checkWay({ type, version, upcast }: Pick<EventDefinition, 'type' | 'version' | 'upcast'>): void {
  const isVersion = Number.isSafeInteger(version) && version >= 1;
  const expected = Array.from({ length: isVersion ? version - 1 : 0 }, (_, index) => String(index + 1));
  const missing = expected.filter((from) => !(from in upcast));
  const stray = Object.keys(upcast).filter((from) => !expected.includes(from));
  if (!isVersion || missing.length + stray.length > 0) {
    throw new Error(
      `${type} version ${version}: upcasters missing from [${missing}], stray from [${stray}].`,
    );
  }
}

/** Throws when two definitions have the same type, and where one has no way from an older version. */
export function createCodec<const Definitions extends readonly EventDefinition[]>(
  definitions: Definitions,
): Codec<EventOf<Definitions[number]>> {
  type Event = EventOf<Definitions[number]>;
  const byType = new Map<string, EventDefinition>();
  for (const definition of definitions) {
    if (byType.has(definition.type)) throw new Error(`${definition.type} is defined twice.`);
    checkWay(definition);
    byType.set(definition.type, definition);
  }
  return {
    types: definitions.map((definition) => definition.type) as Event['type'][],
    versionOf: (type) => {
      const definition = byType.get(type);
      if (definition === undefined) throw new Error(`There is no definition of ${type}.`);
      return definition.version;
    },
    decode: (stored) => {
      const definition = byType.get(stored.type);
      if (definition === undefined) return { kind: 'unknown', stored };
      const { id, stream, revision, position, recordedAtMs, type } = stored;
      const metadata = decodeMetadata(stored.metadata);
      if ('issues' in metadata) throw new CorruptEventError(stored, metadata.issues);
      const data = decodeData(definition, stored, metadata.schemaVersion);
      // The map's key ties the type to the schema that has just accepted the data.
      const event = { id, stream, revision, position, recordedAtMs, type, data, metadata } as Event &
        Recorded;
      return { kind: 'event', event };
    },
  };
}

function decodeData(definition: EventDefinition, stored: StoredEvent, storedVersion: number): unknown {
  const parsed = definition.schema.safeParse(upcastData(definition, stored, storedVersion));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${['data', ...issue.path].join('.')}: ${issue.message}`);
  throw new CorruptEventError(stored, issues, parsed.error);
}

function upcastData(definition: EventDefinition, stored: StoredEvent, storedVersion: number): unknown {
  if (storedVersion > definition.version) {
    const known = `schema version ${storedVersion}, this release knows ${definition.version}`;
    throw new CorruptEventError(stored, [known]);
  }
  let data = stored.data;
  for (let version = storedVersion; version < definition.version; version += 1) {
    try {
      data = definition.upcast[version]?.(data);
    } catch (cause) {
      throw new CorruptEventError(stored, [`upcasting from version ${version} failed`], cause);
    }
  }
  return data;
}
