/**
 * How a client finds its way: discovery through gossip, and the list of what this server can do, by which the client
 * chooses between its ways of appending and listing.
 */

import { EventStoreDBClient } from '@eventstore/db-client';
import gossipStubs from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featureStubs from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { credentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { addressOf } from '../support/raw-streams.ts';
import { numberedEvents, readWhole, uniqueName } from '../support/streams.ts';

const store = useEventstore();

function supportedMethods(): Promise<SupportedMethods> {
  const stub = new featureStubs.ServerFeaturesClient(addressOf(store.url), credentials.createInsecure());
  onTestFinished(() => stub.close());
  return new Promise((done, fail) => {
    stub.getSupportedMethods(new shared.Empty(), (error, methods) => (error ? fail(error) : done(methods)));
  });
}

describe('Discovery', () => {
  it.each(['esdb+discover', 'two hosts'])('by %s finds this server as the leader', async (kind) => {
    const host = addressOf(store.url);
    const url =
      kind === 'two hosts' ? `esdb://${host},${host}?tls=false` : `esdb+discover://${host}?tls=false`;
    const client = EventStoreDBClient.connectionString(`${url}&nodePreference=leader`);
    onTestFinished(() => client.dispose());
    const stream = uniqueName();
    await client.appendToStream(stream, numberedEvents(2));
    expect(await readWhole(client, stream)).toHaveLength(2);
  });

  it('is answered with one live leader at the address in use', async () => {
    const stub = new gossipStubs.GossipClient(addressOf(store.url), credentials.createInsecure());
    onTestFinished(() => stub.close());
    const info = await new Promise<ClusterInfo>((done, fail) => {
      stub.read(new shared.Empty(), (error, answer) => (error ? fail(error) : done(answer)));
    });
    const members = info.getMembersList();
    expect(members).toHaveLength(1);
    expect(members[0]?.getIsAlive()).toBe(true);
    expect(members[0]?.getState()).toBe(gossip.MemberInfo.VNodeState.LEADER);
    const endPoint = members[0]?.getHttpEndPoint();
    expect(`${endPoint?.getAddress()}:${endPoint?.getPort()}`).toBe(addressOf(store.url));
  });
});

describe('The supported methods', () => {
  it('name services and methods in lower case, with a version like that of a real server', async () => {
    const methods = await supportedMethods();
    expect(methods.getEventStoreServerVersion()).toMatch(/^24\.10\.\d+/);
    const names = methods.getMethodsList().map((m) => `${m.getServiceName()}/${m.getMethodName()}`);
    expect(names.map((name) => name.toLowerCase())).toEqual(names);
    expect(names).toEqual(
      expect.arrayContaining(
        ['append', 'batchappend', 'read', 'delete', 'tombstone'].map(
          (method) => `event_store.client.streams.streams/${method}`,
        ),
      ),
    );
  });

  it.each([
    ['streams.streams/read', ['position', 'events']],
    ['streams.streams/batchappend', ['deadline_duration']],
    ['persistent_subscriptions.persistentsubscriptions/create', ['stream', 'all']],
    ['persistent_subscriptions.persistentsubscriptions/getinfo', ['stream', 'all']],
    ['persistent_subscriptions.persistentsubscriptions/replayparked', ['stream', 'all']],
    ['persistent_subscriptions.persistentsubscriptions/list', ['stream', 'all']],
  ])('say for %s which features it has', async (name, features) => {
    const method = (await supportedMethods())
      .getMethodsList()
      .find((m) => `${m.getServiceName()}/${m.getMethodName()}` === `event_store.client.${name}`);
    expect(method?.getFeaturesList().toSorted()).toEqual(features.toSorted());
  });
});
