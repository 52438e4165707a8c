/**
 * The client keeps one BatchAppend call open and has no timer of its own: an append whose correlation id is not
 * answered hangs for ever. So every id must be answered exactly once, whatever the request looked like.
 */
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { chunk, errorTypeOf, openBatchAppend } from '../support/raw-batch-append.ts';
import { rawStreams } from '../support/raw-streams.ts';
import { readWhole, uniqueId, uniqueName } from '../support/streams.ts';

const store = useEventstore();

describe('A BatchAppend call', () => {
  it('answers every one of 500 appends exactly once', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    const ids = Array.from({ length: 500 }, uniqueId);
    for (const [index, correlationId] of ids.entries()) {
      batch.write(chunk({ correlationId, stream: `${stream}-${index % 7}` }));
    }
    await batch.answered(ids.length);
    const all = await batch.end();
    expect(all).toHaveLength(ids.length);
    expect(new Set(batch.answers.keys())).toEqual(new Set(ids));
    expect(all.every((answer) => answer.hasSuccess())).toBe(true);
  });

  it('keeps appends apart whose chunks are interleaved', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const streams = Array.from({ length: 5 }, () => uniqueName());
    const ids = streams.map(uniqueId);
    for (const [index, stream] of streams.entries()) {
      batch.write(chunk({ correlationId: ids[index] ?? '', stream, final: false }));
    }
    for (let part = 0; part < 3; part += 1) {
      for (const correlationId of ids.toReversed()) {
        batch.write(chunk({ correlationId, events: 2, final: part === 2 }));
      }
    }
    await batch.answered(ids.length);
    const all = await batch.end();
    expect(all.map((answer) => answer.getSuccess()?.getCurrentRevision())).toEqual(ids.map(() => '6'));
    for (const stream of streams) expect(await readWhole(store.client, stream)).toHaveLength(7);
  });

  it('does not store an append whose final chunk never came', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    const whole = uniqueId();
    batch.write(chunk({ correlationId: uniqueId(), stream, final: false, expected: 'no_stream' }));
    batch.write(chunk({ correlationId: whole, stream, expected: 'no_stream' }));
    await batch.answered(1);
    await batch.end();
    expect(batch.answers.get(whole)?.[0]?.hasSuccess()).toBe(true);
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });

  it('answers an append whose deadline has passed with Timeout, and does not store it', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    const [late, inTime] = [uniqueId(), uniqueId()];
    batch.write(chunk({ correlationId: late, stream, expired: true }));
    batch.write(chunk({ correlationId: inTime, stream, expected: 'no_stream' }));
    await batch.answered(2);
    await batch.end();
    expect(batch.answers.get(late)?.map(errorTypeOf)).toEqual(['event_store.client.Timeout']);
    expect(batch.answers.get(inTime)?.[0]?.hasSuccess()).toBe(true);
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });

  it('names the stream in a refusal and says what was expected and what is', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName('Umlaut-ü');
    const correlationId = uniqueId();
    batch.write(chunk({ correlationId, stream, expected: 41n }));
    await batch.answered(1);
    const [answer] = await batch.end();
    expect(errorTypeOf(answer)).toBe('event_store.client.WrongExpectedVersion');
    const name = Buffer.from(answer?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');
    expect(name).toBe(stream);
  });

  it('answers refusals and successes in one call, each once', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    const ids = Array.from({ length: 40 }, uniqueId);
    for (const correlationId of ids) batch.write(chunk({ correlationId, stream, expected: 'no_stream' }));
    await batch.answered(ids.length);
    const all = await batch.end();
    expect(batch.answers.size).toBe(ids.length);
    expect(all.filter((answer) => answer.hasSuccess())).toHaveLength(1);
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });

  it('acknowledges everything written before the client half-closed', async () => {
    const batch = openBatchAppend(rawStreams(store.url));
    const stream = uniqueName();
    for (let index = 0; index < 50; index += 1) batch.write(chunk({ correlationId: uniqueId(), stream }));
    const all = await batch.end();
    expect(all.filter((answer) => answer.hasSuccess())).toHaveLength(50);
    expect(await readWhole(store.client, stream)).toHaveLength(50);
  });
});
