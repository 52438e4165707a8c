/**
 * What is stored today must be readable for ever, and what is not readable must say so and where.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  CorruptEventError,
  createCodec,
  defineEvent,
  encodeEvents,
  type StoredEvent,
  streamName,
} from '../../src/eventstore/index.ts';
import { holds } from '../support/properties.ts';
import { contextOf } from './support.ts';

const stream = streamName('Sale', '42');
const seatsV3 = z.object({ seats: z.array(z.string()), holder: z.string() });
const seatsHeld = defineEvent({
  type: 'SeatsHeld',
  version: 3,
  schema: seatsV3,
  upcast: {
    1: (data) => ({ seats: [z.object({ seat: z.string() }).parse(data).seat] }),
    2: (data) => ({ ...z.object({ seats: z.array(z.string()) }).parse(data), holder: 'unknown' }),
  },
});
const noted = defineEvent({ type: 'Noted', version: 1, schema: z.object({ value: z.unknown() }) });
const codec = createCodec([seatsHeld, noted]);
const metadata = { $correlationId: 'a', $causationId: 'b', schemaVersion: 3, actor: 'test' };

function stored(change: Partial<StoredEvent>): StoredEvent {
  const place = { id: 'id', stream, revision: 7n, position: 99n, recordedAtMs: 5 };
  return { ...place, type: 'SeatsHeld', data: { seats: ['A1'], holder: 'me' }, metadata, ...change };
}

function failureOf(change: Partial<StoredEvent>): unknown {
  try {
    codec.decode(stored(change));
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Without -0, which JSON writes as 0. */
const jsonValue = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

describe('Decoding', () => {
  it('gives back what was encoded, for any JSON', () => {
    holds(
      fc.property(jsonValue, fc.string(), (value, actor) => {
        const context = { ...contextOf('c'), actor };
        const [encoded] = encodeEvents(codec, stream, [{ type: 'Noted', data: { value } }], context);
        if (encoded === undefined || !(encoded.proposed.metadata instanceof Uint8Array)) throw new Error();
        const back: unknown = JSON.parse(JSON.stringify(encoded.proposed.data));
        const backMetadata: unknown = JSON.parse(Buffer.from(encoded.proposed.metadata).toString());
        const decoded = codec.decode(stored({ type: 'Noted', data: back, metadata: backMetadata }));
        expect(decoded).toMatchObject({
          kind: 'event',
          event: { type: 'Noted', data: { value }, metadata: { ...context, schemaVersion: 1 } },
        });
      }),
    );
  });

  it('keeps the place of the event', () => {
    const decoded = codec.decode(stored({}));
    if (decoded.kind !== 'event') throw new Error('unknown');
    const { id, revision, position, recordedAtMs } = decoded.event;
    expect({ id, revision, position, recordedAtMs }).toEqual({
      id: 'id',
      revision: 7n,
      position: 99n,
      recordedAtMs: 5,
    });
  });

  it.each([
    [1, { seat: 'A1' }, { seats: ['A1'], holder: 'unknown' }],
    [2, { seats: ['A1', 'A2'] }, { seats: ['A1', 'A2'], holder: 'unknown' }],
    [3, { seats: ['A1'], holder: 'me' }, { seats: ['A1'], holder: 'me' }],
  ])('leads data of version %i step by step to the current one', (schemaVersion, data, expected) => {
    const decoded = codec.decode(stored({ data, metadata: { ...metadata, schemaVersion } }));
    expect(decoded).toMatchObject({ kind: 'event', event: { data: expected } });
  });

  it('of a type without definition is an outcome and no error, whatever it holds', () => {
    const foreign = stored({ type: 'SomebodyElses', data: 'anything', metadata: undefined });
    expect(codec.decode(foreign)).toEqual({ kind: 'unknown', stored: foreign });
  });

  it('of data that does not fit names stream, revision, type and every issue', () => {
    const failure = failureOf({ data: { seats: ['A1', 2], holder: null } });
    expect(failure).toBeInstanceOf(CorruptEventError);
    expect(failure).toMatchObject({
      kind: 'corrupt',
      stream,
      revision: 7n,
      type: 'SeatsHeld',
      issues: [expect.stringContaining('data.seats.1'), expect.stringContaining('data.holder')],
      cause: expect.any(z.ZodError),
    });
  });

  it.each([
    ['text that was no JSON', { data: '{"seats":' }, 'data'],
    ['no metadata', { metadata: undefined }, 'metadata: missing'],
    ['metadata in bytes', { metadata: new Uint8Array([1]) }, 'metadata.actor'],
    ['a wrong actor', { metadata: { ...metadata, actor: 5 } }, 'metadata.actor: not a text'],
    ['no version', { metadata: { ...metadata, schemaVersion: 0 } }, 'metadata.schemaVersion'],
    ['a version of a later release', { metadata: { ...metadata, schemaVersion: 4 } }, 'schema version 4'],
    [
      'an upcaster that gives up',
      { data: {}, metadata: { ...metadata, schemaVersion: 1 } },
      'upcasting from version 1 failed',
    ],
  ])('of %s is corrupt', (_what, change, issue) => {
    expect(failureOf(change)).toMatchObject({ kind: 'corrupt', message: expect.stringContaining(issue) });
  });
});

describe('Encoding', () => {
  it('counts the bytes that the server counts', () => {
    const [encoded] = encodeEvents(
      codec,
      stream,
      [{ type: 'SeatsHeld', data: { seats: ['座位'], holder: 'é' } }],
      contextOf('c'),
    );
    const dataBytes = Buffer.byteLength('{"seats":["座位"],"holder":"é"}');
    const metadataBytes = Buffer.byteLength(
      '{"$correlationId":"correlation-c","$causationId":"c","schemaVersion":3,"actor":"test"}',
    );
    expect(encoded?.sizeBytes).toBe(dataBytes + metadataBytes + 2 * 'SeatsHeld'.length);
  });

  it('of what JSON cannot hold fails at once', () => {
    const circular: { value: unknown[] } = { value: [] };
    circular.value.push(circular);
    const bad = createCodec([defineEvent({ type: 'Bad', version: 1, schema: z.unknown() })]);
    for (const data of [{ amount: 5n }, circular, undefined, null, 5]) {
      expect(() => encodeEvents(bad, stream, [{ type: 'Bad', data }], contextOf('c'))).toThrow(TypeError);
    }
  });
});

describe('A definition', () => {
  it('that lacks an upcaster, or has one too many, is refused at start', () => {
    const schema = z.object({});
    const same = (data: unknown): unknown => data;
    expect(() => defineEvent({ type: 'X', version: 2, schema })).toThrow('missing from [1]');
    expect(() => defineEvent({ type: 'X', version: 1, schema, upcast: { 1: same } })).toThrow(
      'stray from [1]',
    );
    expect(() => defineEvent({ type: 'X', version: 0, schema })).toThrow('X version 0');
  });

  it('that exists twice is refused at start', () => {
    expect(() => createCodec([noted, noted])).toThrow('Noted is defined twice');
  });
});
