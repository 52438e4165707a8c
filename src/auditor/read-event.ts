/** From what the store keeps to what the auditor understands, or to why it does not. */
import type { StoredEvent } from '../eventstore/index.ts';
import type { EventRef } from './event-ref.ts';
import { type Category, formats, type Saying, VERSION } from './stored-format.ts';

export type Read<C extends Category> =
  | { readonly kind: 'understood'; readonly event: Saying<C> }
  | { readonly kind: 'unreadable'; readonly why: string };

const MAX_ISSUES = 3;

/** Strings that many events share are kept once: findings hold on to them. */
const names = new Map(
  Object.values(formats).flatMap((byType) => Object.keys(byType).map((type) => [type, type])),
);

/** `stream` as the caller has it already. */
export const refOf = (stored: StoredEvent, stream: string = stored.stream): EventRef => ({
  stream,
  revision: Number(stored.revision),
  position: stored.position,
  type: names.get(stored.type) ?? stored.type,
  recordedAtMs: stored.recordedAtMs,
});

export function readEvent<C extends Category>(category: C, stored: StoredEvent): Read<C> {
  const { type, data, metadata } = stored;
  const byType: Readonly<Record<string, { readonly safeParse: Parser }>> = formats[category];
  const format = Object.hasOwn(byType, type) ? byType[type] : undefined;
  if (format === undefined) return unreadable(`no such event is known in a ${category} stream`);
  const version = fieldOf(metadata, 'schemaVersion');
  if (version !== VERSION)
    return unreadable(`its version is ${JSON.stringify(version) ?? 'missing'}, not ${VERSION}`);
  const parsed = format.safeParse(data);
  if (parsed.success) return { kind: 'understood', event: { type, data: parsed.data } as Saying<C> };
  const issues = parsed.error.issues.slice(0, MAX_ISSUES);
  return unreadable(issues.map(({ path, message }) => `${path.join('.') || 'data'}: ${message}`).join('; '));
}

type Parser = (data: unknown) =>
  | { readonly success: true; readonly data: unknown }
  | {
      readonly success: false;
      readonly error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] };
    };

const unreadable = (why: string) => ({ kind: 'unreadable', why }) as const;

/** The program that an event names, whatever else of it can be read. */
export function programNamedIn({ data }: StoredEvent): string | undefined {
  const programId = fieldOf(data, 'programId');
  return typeof programId === 'string' ? programId : undefined;
}

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
