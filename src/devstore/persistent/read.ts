/**
 * PersistentSubscriptions.Read: a consumer. Its first message says which group; then it acknowledges what it
 * is sent, or says why not, until it goes or is dropped.
 */
import persistentPb, { type ReadReq } from '@eventstore/db-client/generated/persistent_pb.js';
import type { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import type { Metadata } from '@grpc/grpc-js';
import type { OpenCalls, ResponseStream } from '../calls.ts';
import { type CallError, errorOfFailure, invalidArgument } from '../errors.ts';
import { encodeConfirmation } from '../wire/read-response.ts';
import { decodeUuid } from '../wire/uuid.ts';
import type { Member } from './group.ts';
import { groupNameOf, subscriptionIdOf } from './names.ts';
import { findGroup, type Registry } from './registry.ts';
import type { Connection } from './running.ts';
import type { NackAction } from './state.ts';

/** What a consumer may ask to have unanswered at most. */
const MAX_CONSUMER_BUFFER_EVENTS = 10_000;

export type ReadCall = ResponseStream & {
  readonly metadata: Metadata;
  getPeer(): string;
  on(event: 'data', listener: (request: ReadReq) => void): unknown;
  on(event: 'end' | 'cancelled' | 'close' | 'drain', listener: () => void): unknown;
};

/** Ends when the client is gone or has ended its side; rejects with what the group drops the consumer for. */
export const readGroup = (registry: Registry, openCalls: OpenCalls, call: ReadCall): Promise<void> => {
  let member: Member | undefined;
  return new Promise<void>((resolve, reject) => {
    call.on('data', (request) => {
      try {
        if (member === undefined) member = joinGroup(registry, openCalls, call, request, reject);
        else answer(member, request);
      } catch (error) {
        reject(errorOfFailure(error));
      }
    });
    call.on('drain', () => member?.drained());
    for (const event of ['end', 'cancelled', 'close'] as const) call.on(event as 'end', resolve);
  }).finally(() => {
    // A server that stops takes its consumers' calls away: that is no failure of theirs.
    if (!openCalls.isClosing()) member?.leave();
  });
};

const joinGroup = (
  registry: Registry,
  openCalls: OpenCalls,
  call: ReadCall,
  request: ReadReq,
  drop: (error: CallError) => void,
): Member => {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('the first message of a consumer carries its options');
  const name = groupNameOf(options);
  const connection: Connection = {
    bufferEvents: Math.min(MAX_CONSUMER_BUFFER_EVENTS, Math.max(1, options.getBufferSize())),
    structuredId: options.getUuidOption()?.hasStructured() ?? false,
    from: call.getPeer(),
    username: call.metadata.get('authorization').length > 0 ? 'admin' : 'anonymous',
    name: String(call.metadata.get('connection-name')[0] ?? ''),
    // Nothing is lost with a call that is ending: what it was not sent, it does not acknowledge.
    send: (message) => !openCalls.isClosing() && !call.cancelled && call.write(message),
    drop,
  };
  const member = findGroup(registry, name).join(connection);
  call.write(encodeConfirmation(subscriptionIdOf(name)));
  return member;
};

const answer = (member: Member, request: ReadReq): void => {
  const ack = request.getAck();
  if (ack !== undefined) member.ack(ack.getIdsList().map(idOf));
  const nack = request.getNack();
  if (nack !== undefined) refuse(member, nack);
};

const { Action } = persistentPb.ReadReq.Nack;

const refuse = (member: Member, nack: ReadReq.Nack): void => {
  const action = nack.getAction();
  if (action === Action.STOP) member.stop();
  else member.nack(nack.getIdsList().map(idOf), nackActionOf(action), nack.getReason());
};

/** What the client does not know it may as well try again. */
const nackActionOf = (action: ReadReq.Nack.Action): NackAction => {
  if (action === Action.PARK) return 'park';
  return action === Action.SKIP ? 'skip' : 'retry';
};

const idOf = (id: UUID): string => {
  const bytes = decodeUuid(Buffer.from(id.serializeBinary()));
  if (bytes === undefined) throw invalidArgument('an answer needs the id of an event');
  return bytes.toString('hex');
};
