/**
 * Ids on the wire come in two forms, text and a pair of 64-bit numbers; other clients than the one for Node use the
 * second, and both must name the same event.
 */
import { randomUUID } from 'node:crypto';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { chunk, openBatchAppend } from '../support/raw-batch-append.ts';
import {
  appendMessage,
  appendOptions,
  classicAppend,
  rawRead,
  rawStreams,
  readStreamOptions,
} from '../support/raw-streams.ts';
import { eventOf, readWhole, uniqueId, uniqueName } from '../support/streams.ts';

const store = useEventstore();

function structured(id: string): InstanceType<typeof shared.UUID> {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  const pair = new shared.UUID.Structured()
    .setMostSignificantBits(`${bytes.readBigInt64BE(0)}`)
    .setLeastSignificantBits(`${bytes.readBigInt64BE(8)}`);
  return new shared.UUID().setStructured(pair);
}

describe('An event id', () => {
  it.each(['00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-fffffffffffe', randomUUID()])(
    'given as a pair of numbers reads as the same text: %s',
    async (id) => {
      const stream = uniqueName();
      const message = appendMessage();
      message.getProposedMessage()?.setId(structured(id));
      await classicAppend(rawStreams(store.url), [appendOptions(stream, 'any'), message]);
      expect((await readWhole(store.client, stream)).map((entry) => eventOf(entry).id)).toEqual([id]);
    },
  );

  it('given as text reads as a pair of numbers when that is asked for', async () => {
    const stream = uniqueName();
    const id = uniqueId();
    const stub = rawStreams(store.url);
    await classicAppend(stub, [appendOptions(stream, 'any'), appendMessage({ id })]);
    const options = readStreamOptions(stream).setUuidOption(
      new streams.ReadReq.Options.UUIDOption().setStructured(new shared.Empty()),
    );
    const [response] = await rawRead(stub, options);
    expect(response?.getEvent()?.getEvent()?.getId()?.toObject()).toEqual(structured(id).toObject());
  });

  it('in upper case is the same id when the append is repeated', async () => {
    const stream = uniqueName();
    const id = uniqueId();
    const stub = rawStreams(store.url);
    for (const text of [id, id.toUpperCase()]) {
      const answer = await classicAppend(stub, [
        appendOptions(stream, 'no_stream'),
        appendMessage({ id: text }),
      ]);
      expect(answer.hasSuccess()).toBe(true);
    }
    expect(await readWhole(store.client, stream)).toHaveLength(1);
  });
});

describe('A correlation id', () => {
  it('given as a pair of numbers is answered with the same id', async () => {
    const id = uniqueId();
    const batch = openBatchAppend(rawStreams(store.url));
    batch.write(chunk({ correlationId: id, stream: uniqueName() }).setCorrelationId(structured(id)));
    await batch.answered(1);
    const [answer] = await batch.end();
    expect(answer?.hasSuccess()).toBe(true);
    const answered = answer?.getCorrelationId();
    const same = [structured(id).toObject(), new shared.UUID().setString(id).toObject()];
    expect(same).toContainEqual(answered?.toObject());
  });
});
