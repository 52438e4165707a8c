/**
 * How an aggregate describes the events it stores: type, schema version, the schema of the stored JSON, and
 * the way from every older version to this one. The codec of the event store takes these descriptions as they
 * are.
 */
import type { z } from 'zod';

export type EventSpec<Type extends string = string, Data = unknown> = {
  readonly type: Type;
  readonly version: number;
  readonly schema: z.ZodType<Data>;
  /** `upcast[n]` turns the data of version n into that of n + 1; there is one for every older version. */
  readonly upcast: Readonly<Record<number, (data: unknown) => unknown>>;
};

/** The event that a description describes; over a union of descriptions, the union of their events. */
export type EventOf<Spec> =
  Spec extends EventSpec<infer Type, infer Data> ? { readonly type: Type; readonly data: Data } : never;

/** Describes an event that has had one version only. */
export function eventSpec<const Type extends string, Data>(
  type: Type,
  schema: z.ZodType<Data>,
): EventSpec<Type, Data> {
  return { type, version: 1, schema, upcast: {} };
}

/** For the end of a switch over events or commands: it compiles only while every case has been handled. */
export function unreachable(value: never): never {
  throw new Error(`There is no case for ${JSON.stringify(value)}.`);
}
