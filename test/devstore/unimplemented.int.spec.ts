/**
 * What the embedded server does not have must say so at once, instead of hanging or pretending.
 */
import { isCommandError } from '@eventstore/db-client';
import monitoringStubs from '@eventstore/db-client/generated/monitoring_grpc_pb.js';
import monitoring from '@eventstore/db-client/generated/monitoring_pb.js';
import operationStubs from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import userStubs from '@eventstore/db-client/generated/users_grpc_pb.js';
import users from '@eventstore/db-client/generated/users_pb.js';
import { type Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useEventstore } from '../support/eventstore.ts';
import { addressOf } from '../support/raw-streams.ts';
import { failureOf } from '../support/streams.ts';

type Answer = (error: ServiceError | null) => void;
const store = useEventstore();

function stub<C extends Client>(Stub: new (address: string, c: ReturnType<typeof insecure>) => C): C {
  const client = new Stub(addressOf(store.url), insecure());
  onTestFinished(() => client.close());
  return client;
}

const insecure = () => credentials.createInsecure();

const refusal = (call: (answer: Answer) => unknown): Promise<Error> =>
  failureOf(new Promise((done, fail) => void call((error) => (error ? fail(error) : done(undefined)))));

describe('What is not built answers UNIMPLEMENTED:', () => {
  it('projections', async () => {
    const error = await failureOf(store.client.createProjection('totals', 'fromAll()'));
    expect(isCommandError(error)).toBe(true);
    expect(error).toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('users', async () => {
    const request = new users.EnableReq().setOptions(new users.EnableReq.Options().setLoginName('ouro'));
    const error = await refusal((answer) => stub(userStubs.UsersClient).enable(request, answer));
    expect(error).toMatchObject({ code: status.UNIMPLEMENTED });
  });

  it('operations', async () => {
    const client = stub(operationStubs.OperationsClient);
    const scavenge = new operations.StartScavengeReq().setOptions(new operations.StartScavengeReq.Options());
    expect(await refusal((answer) => client.startScavenge(scavenge, answer))).toMatchObject({
      code: status.UNIMPLEMENTED,
    });
    expect(await refusal((answer) => client.shutdown(new shared.Empty(), answer))).toMatchObject({
      code: status.UNIMPLEMENTED,
    });
  });

  it('monitoring', async () => {
    const error = await refusal((answer) => {
      const call = stub(monitoringStubs.MonitoringClient).stats(new monitoring.StatsReq());
      call.on('data', () => undefined);
      call.on('error', answer);
      call.on('end', () => answer(null));
    });
    expect(error).toMatchObject({ code: status.UNIMPLEMENTED });
  });
});
