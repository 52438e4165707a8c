/** The refusals of persistent subscriptions, with the trailers that the client builds its errors from. */
import { status } from '@grpc/grpc-js';
import { CallError } from '../errors.ts';
import type { GroupName } from './names.ts';

const trailers = (exception: string, { stream, group }: GroupName): Record<string, string> => ({
  exception,
  'stream-name': stream,
  'group-name': group,
});

export const groupDoesNotExist = (name: GroupName): CallError =>
  new CallError(
    status.NOT_FOUND,
    `Subscription group ${name.group} on stream ${name.stream} does not exist.`,
    trailers('persistent-subscription-does-not-exist', name),
  );

export const groupExists = (name: GroupName): CallError =>
  new CallError(
    status.ALREADY_EXISTS,
    `Subscription group ${name.group} on stream ${name.stream} exists.`,
    trailers('persistent-subscription-exists', name),
  );

export const groupFailed = (name: GroupName, reason: string): CallError =>
  new CallError(
    status.INTERNAL,
    `Subscription group ${name.group} on stream ${name.stream} failed: '${reason}'`,
    { ...trailers('persistent-subscription-failed', name), reason },
  );

export const subscriberLimitReached = (name: GroupName): CallError =>
  new CallError(
    status.FAILED_PRECONDITION,
    `Maximum subscriptions reached for subscription group ${name.group} on stream ${name.stream}.`,
    trailers('maximum-subscribers-reached', name),
  );

export const consumerDropped = (name: GroupName): CallError =>
  new CallError(
    status.CANCELLED,
    `Subscription group ${name.group} on stream ${name.stream} was dropped.`,
    trailers('persistent-subscription-dropped', name),
  );
