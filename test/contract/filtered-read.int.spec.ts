/**
 * The wire contract lets plain reads of $all be filtered too, though this version of the client has no way to ask.
 */
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { rawRead, rawStreams, readOptions } from '../support/raw-streams.ts';
import { numberedEvents, positionOf, uniqueId } from '../support/streams.ts';

const FORWARDS = 0;
const BACKWARDS = 1;
const store = useEventstore();

describe('A filtered read of $all', () => {
  const key = uniqueId();
  let [first, end] = [0n, 0n];

  beforeAll(async () => {
    for (let index = 0; index < 30; index += 1) {
      const result = await store.client.appendToStream(
        `${index % 3 ? 'Other' : 'Wanted'}${key}-${index}`,
        numberedEvents(1),
      );
      if (index === 0) first = positionOf(result).commit;
      end = positionOf(result).commit + 1n;
    }
  });

  async function read(direction: 0 | 1, from: bigint, count: number): Promise<string[]> {
    const expression = new streams.ReadReq.Options.FilterOptions.Expression().setPrefixList([`Wanted${key}`]);
    const position = new streams.ReadReq.Options.Position()
      .setCommitPosition(`${from}`)
      .setPreparePosition(`${from}`);
    const options = readOptions()
      .setAll(new streams.ReadReq.Options.AllOptions().setPosition(position))
      .setReadDirection(direction)
      .setCount(`${count}`)
      .setFilter(
        new streams.ReadReq.Options.FilterOptions()
          .setStreamIdentifier(expression)
          .setCount(new shared.Empty())
          .setCheckpointintervalmultiplier(1),
      );
    const responses = await rawRead(rawStreams(store.url), options);
    return responses.filter((response) => response.hasEvent()).map(streamOf);
  }

  const streamOf = (response: ReadResp): string => {
    const name = response.getEvent()?.getEvent()?.getStreamIdentifier()?.getStreamName_asU8() ?? [];
    return Buffer.from(name).toString('utf8').replace(key, '');
  };

  it('gives only what matches, forwards', async () => {
    const found = await read(FORWARDS, first, 100);
    expect(found).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27].map((index) => `Wanted-${index}`));
  });

  it('counts only what matches', async () => {
    expect(await read(FORWARDS, first, 3)).toEqual(['Wanted-0', 'Wanted-3', 'Wanted-6']);
  });

  it('gives only what matches, backwards', async () => {
    expect(await read(BACKWARDS, end, 2)).toEqual(['Wanted-27', 'Wanted-24']);
  });
});
