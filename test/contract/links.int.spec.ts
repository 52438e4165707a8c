/**
 * Link events point into other streams; with resolveLinkTos the server gives the event they point at, or the link
 * alone when that event is gone.
 */
import { type AppendResult, binaryEvent, type EventStoreDBClient } from '@eventstore/db-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { follow } from '../support/follow.ts';
import { collect, numberedEvents, positionOf, readWhole, uniqueName } from '../support/streams.ts';

const store = useEventstore();

const link = (
  client: EventStoreDBClient,
  from: string,
  target: string,
  revision: number,
): Promise<AppendResult> =>
  client.appendToStream(from, binaryEvent({ type: '$>', data: Buffer.from(`${revision}@${target}`) }));

describe('A link', () => {
  let [target, links] = ['', ''];

  beforeEach(async () => {
    [target, links] = [uniqueName('Target'), uniqueName('Links')];
    await store.client.appendToStream(target, numberedEvents(3));
    await link(store.client, links, target, 1);
  });

  it('that is not to be resolved is an event of its own', async () => {
    const [entry] = await readWhole(store.client, links);
    expect(entry?.event).toMatchObject({ streamId: links, type: '$>', revision: 0n });
    expect(Buffer.from(entry?.event?.data as Uint8Array).toString()).toBe(`1@${target}`);
    expect(entry?.link).toBeUndefined();
  });

  it('that is resolved gives the event it points at, and itself beside it', async () => {
    const [entry] = await readWhole(store.client, links, { resolveLinkTos: true });
    expect(entry?.event).toMatchObject({ streamId: target, revision: 1n, data: { number: 1 } });
    expect(entry?.link).toMatchObject({ streamId: links, revision: 0n, type: '$>' });
  });

  it('is resolved in $all, and ordinary events stay as they are', async () => {
    const result = await link(store.client, links, target, 2);
    await store.client.appendToStream(uniqueName(), numberedEvents(1));
    const [linked, plain] = await collect(
      store.client.readAll({ fromPosition: positionOf(result), resolveLinkTos: true, maxCount: 2 }),
    );
    expect(linked?.event).toMatchObject({ streamId: target, revision: 2n });
    expect(linked?.link).toMatchObject({ streamId: links, revision: 1n, position: positionOf(result) });
    expect(plain?.link).toBeUndefined();
  });

  it('is resolved in subscriptions, in history and live', async () => {
    const follower = follow(store.client.subscribeToStream(links, { resolveLinkTos: true }));
    await follower.caughtUp();
    await link(store.client, links, target, 2);
    await follower.count(2);
    const resolved = follower.events.map((entry) => [entry.event?.revision, entry.link?.revision]);
    expect(resolved).toEqual([
      [1n, 0n],
      [2n, 1n],
    ]);
  });

  it.each([
    ['was never there', () => Promise.resolve()],
    ['is soft-deleted', (client: EventStoreDBClient, stream: string) => client.deleteStream(stream)],
    ['is tombstoned', (client: EventStoreDBClient, stream: string) => client.tombstoneStream(stream)],
  ] as const)('to an event that %s is given alone', async (kind, remove) => {
    await remove(store.client, target);
    const other = uniqueName('Links');
    await link(store.client, other, target, kind === 'was never there' ? 77 : 1);
    const [entry] = await readWhole(store.client, other, { resolveLinkTos: true });
    expect(entry?.link).toMatchObject({ streamId: other, type: '$>' });
    expect(entry?.event).toBeUndefined();
  });

  it('to a stream name that contains @ is resolved', async () => {
    const stream = uniqueName('With@at');
    await store.client.appendToStream(stream, numberedEvents(1));
    await link(store.client, links, stream, 0);
    const entries = await readWhole(store.client, links, { resolveLinkTos: true });
    expect(entries.at(-1)?.event?.streamId).toBe(stream);
  });
});
