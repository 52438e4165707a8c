/** An embedded server that speaks EventStoreDB's gRPC contract, for tests and for machines without the real one. */
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import serverFeaturesGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { Server } from '@grpc/grpc-js';
import { clientStreaming, createOpenCalls, duplex, type OpenCalls, serverStreaming, unary } from './calls.ts';
import { clusterOfOne } from './gossip.ts';
import { listen } from './listen.ts';
import { openPersistentSubscriptions, persistentService } from './persistent/index.ts';
import { supportedMethods } from './server-features.ts';
import { type Log, openLog } from './store/log.ts';
import { DataFolderError, openTables, type Tables } from './store/open.ts';
import { createWriter } from './store/writer.ts';
import { append } from './streams/append.ts';
import { batchAppend } from './streams/batch-append.ts';
import { deleteStream } from './streams/delete.ts';
import { read } from './streams/read.ts';
import { tombstoneStream } from './streams/tombstone.ts';
import { decodeBatchAppendReq } from './wire/batch-append.ts';

export { ListenError } from './listen.ts';
export { DataFolderError } from './store/open.ts';

const MIB = 1024 * 1024;
const SECOND = 1_000;
/** The real server's default. */
const DEFAULT_MAX_APPEND_BYTES = MIB;
/** A message may hold an append and its wrapping; the client's chunks are 3 MiB. */
const MAX_MESSAGE_BYTES = 17 * MIB;
const MAX_CONCURRENT_STREAMS = 100;
const SHUTDOWN_GRACE_MS = 2 * SECOND;

export type DevstoreOptions = {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string | undefined;
  /** Undefined keeps nothing: the store is gone with the server. */
  readonly dataDir?: string | undefined;
  readonly maxAppendBytes?: number | undefined;
};

export type Devstore = {
  readonly host: string;
  readonly port: number;
  readonly connectionString: string;
  /** Ends open calls with CANCELLED, then closes the store. */
  readonly close: () => Promise<void>;
};

/** Throws DataFolderError or ListenError when it cannot start. */
export const startDevstore = async (options: DevstoreOptions): Promise<Devstore> => {
  const host = options.host ?? '127.0.0.1';
  const tables = openTables(options.dataDir);
  const log = await openLogOrClose(tables);
  const writer = createWriter(log);
  const openCalls = createOpenCalls();
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
  });
  const maxAppendBytes = options.maxAppendBytes ?? DEFAULT_MAX_APPEND_BYTES;
  let port = options.port;

  server.addService(streamsService, {
    read: serverStreaming(openCalls, (request: ReadReq, call) => read(log, writer, request, call)),
    append: clientStreaming((requests) => append(writer, maxAppendBytes, requests)),
    delete: unary((request) => deleteStream(writer, request)),
    tombstone: unary((request) => tombstoneStream(writer, request)),
    batchAppend: duplex(openCalls, (call) => batchAppend(writer, maxAppendBytes, call)),
  });
  server.addService(gossipGrpc.GossipService, { read: unary(clusterOfOne(host, () => port)) });
  const persistent = openPersistentSubscriptions(log, writer, openCalls);
  server.addService(persistentService, persistent.implementation);
  const features = supportedMethods([streamsService, persistentService, gossipGrpc.GossipService]);
  server.addService(serverFeaturesGrpc.ServerFeaturesService, { getSupportedMethods: unary(() => features) });

  try {
    port = await listen(server, host, options.port);
  } catch (error) {
    persistent.close();
    await tables.close();
    throw error;
  }
  return {
    host,
    port,
    connectionString: `esdb://${host}:${port}?tls=false`,
    close: async () => {
      await stop(server, openCalls);
      persistent.close();
      await tables.close();
    },
  };
};

/** A damaged end of the log is a reason not to start at all. */
const openLogOrClose = async (tables: Tables): Promise<Log> => {
  try {
    return openLog(tables);
  } catch (cause) {
    await tables.close();
    throw new DataFolderError(`the store is damaged: ${(cause as Error).message}`, { cause });
  }
};

/** The generated service, but for the two hot messages: appends are decoded and reads sent as bytes. */
const streamsService = {
  ...streamsGrpc.StreamsService,
  read: { ...streamsGrpc.StreamsService.read, responseSerialize: (message: Buffer) => message },
  batchAppend: {
    ...streamsGrpc.StreamsService.batchAppend,
    requestDeserialize: decodeBatchAppendReq,
    responseSerialize: (message: Buffer) => message,
  },
};

const stop = (server: Server, openCalls: OpenCalls): Promise<void> =>
  new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), SHUTDOWN_GRACE_MS);
    openCalls.cancelAll();
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
