/** A group whose stored row is damaged is refused by name; the server, and every other group, go on. */
import { describe, expect, it } from 'vitest';
import { openTables } from '../../../src/devstore/store/open.ts';
import { createGroup } from '../../support/persistent.ts';
import { failureOf, numberedEvents } from '../../support/streams.ts';
import { consume, runServer, type Server } from './server.ts';

const DATA_LOSS = 15;

/** Flips one bit in every row that names this group. */
async function damage({ dataDir }: Server, group: string): Promise<void> {
  const tables = openTables(dataDir);
  for (const { key, value } of [...tables.groups.getRange({})]) {
    const at = value.indexOf(group);
    if (at < 0) continue;
    const flipped = Buffer.from(value);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    tables.groups.putSync(key, flipped);
  }
  await tables.close();
}

describe('A damaged group', () => {
  it('is refused with DATA_LOSS until it is deleted, and harms no other', async () => {
    const server = await runServer();
    const [damaged, sound] = [await createGroup(server.client), await createGroup(server.client)];
    await server.stop();
    await damage(server, damaged.group);
    await server.start();
    const { client } = server;
    const described = client.getPersistentSubscriptionToStreamInfo(damaged.stream, damaged.group);
    expect(await failureOf(described)).toMatchObject({ code: DATA_LOSS });
    expect(await failureOf(client.listAllPersistentSubscriptions())).toMatchObject({ code: DATA_LOSS });
    expect(await consume(client, damaged, () => undefined).failed()).toMatchObject({ code: DATA_LOSS });

    await client.appendToStream(sound.stream, numberedEvents(1));
    await consume(client, sound, () => undefined).count(1);

    await client.deletePersistentSubscriptionToStream(damaged.stream, damaged.group);
    const listed = await client.listAllPersistentSubscriptions();
    expect(listed.map(({ groupName }) => groupName)).toEqual([sound.group]);
  });
});
