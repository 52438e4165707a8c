/** Streams.Delete: the stream reads as missing from now on, and may be written again. */
import type { DeleteReq, DeleteResp } from '@eventstore/db-client/generated/streams_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { errorOfRefusal, invalidArgument } from '../errors.ts';
import type { Writer } from '../store/writer.ts';
import { requiredExpectedOf, streamNameOf } from './append.ts';

export const deleteStream = async (writer: Writer, request: DeleteReq): Promise<DeleteResp> => {
  const options = request.getOptions();
  if (options === undefined) throw invalidArgument('a delete needs options');
  const stream = streamNameOf(options);
  const outcome = await writer.delete(stream, requiredExpectedOf(options));
  if (outcome.kind !== 'written') throw errorOfRefusal(stream, outcome);
  const position = new streamsPb.DeleteResp.Position();
  position.setCommitPosition(String(outcome.position));
  position.setPreparePosition(String(outcome.position));
  const response = new streamsPb.DeleteResp();
  response.setPosition(position);
  return response;
};
