/** Streams.Tombstone: the stream is gone for good, and its name with it. */
import { randomBytes } from 'node:crypto';
import type { TombstoneReq, TombstoneResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { errorOfRefusal, invalidArgument } from '../errors.ts';
import type { Writer } from '../store/writer.ts';
import { requiredExpectedOf, streamNameOf } from './append.ts';

export const tombstoneStream = async (writer: Writer, request: TombstoneReq): Promise<TombstoneResp> => {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('a tombstone needs options');
  const stream = streamNameOf(options);
  const outcome = await writer.tombstone(stream, requiredExpectedOf(options), randomBytes(16));
  if (outcome.kind !== 'written') throw errorOfRefusal(stream, outcome);
  const position = new streamsPb.TombstoneResp.Position();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  const response = new streamsPb.TombstoneResp();
  response.setPosition(position);
  return response;
};
