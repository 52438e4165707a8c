/** What every RPC shares: credentials, the list of open calls, and writing no faster than the reader reads. */
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerReadableStream,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import { CallError, errorOfFailure } from './errors.ts';

/** The part of a streaming call that writing and ending need, whichever way its requests come. */
export type ResponseStream = {
  readonly cancelled: boolean;
  write(message: Buffer): boolean;
  end(): void;
  once(event: 'drain' | 'cancelled' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'cancelled' | 'close', listener: () => void): unknown;
  emit(event: 'error', error: Error): boolean;
};

/** The calls that last until somebody ends them. A server that stops ends them all with CANCELLED. */
export type OpenCalls = {
  readonly isClosing: () => boolean;
  readonly add: (call: ResponseStream) => void;
  readonly remove: (call: ResponseStream) => void;
  readonly cancelAll: () => void;
};

export const createOpenCalls = (): OpenCalls => {
  const calls = new Set<ResponseStream>();
  let closing = false;
  return {
    isClosing: () => closing,
    add: (call) => calls.add(call),
    remove: (call) => calls.delete(call),
    cancelAll: () => {
      closing = true;
      for (const call of calls)
        call.emit('error', new CallError(status.CANCELLED, 'The server is shutting down.'));
      calls.clear();
    },
  };
};

/** Resolves when the call takes more, or is gone. */
export const writeAndWait = (call: ResponseStream, message: Buffer): Promise<void> | undefined =>
  call.write(message) || call.cancelled ? undefined : drained(call);

const ENDS_OF_A_WAIT = ['drain', 'cancelled', 'close'] as const;

const drained = (call: ResponseStream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      for (const event of ENDS_OF_A_WAIT) call.off(event, done);
      resolve();
    };
    for (const event of ENDS_OF_A_WAIT) call.once(event, done);
  });

/** Something to sleep on: raised by whoever has news, lowered before looking for them. */
export type Latch = {
  readonly raise: () => void;
  readonly lower: () => void;
  readonly wait: () => Promise<void>;
};

export const createLatch = (): Latch => {
  let raised = false;
  let resume = (): void => {};
  return {
    raise: () => {
      raised = true;
      resume();
    },
    lower: () => {
      raised = false;
    },
    wait: async () => {
      if (raised) return;
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    },
  };
};

const ACCEPTED_CREDENTIALS = `Basic ${Buffer.from('admin:changeit').toString('base64')}`;

/** None are needed; those that are sent must be the real server's defaults. */
export const refusedCredentials = (metadata: Metadata): CallError | undefined => {
  const [sent] = metadata.get('authorization');
  if (sent === undefined || sent.toString() === ACCEPTED_CREDENTIALS) return undefined;
  return new CallError(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
};

/** A unary RPC as an async function of its request. */
export const unary =
  <Request, Response>(
    answer: (request: Request) => Promise<Response> | Response,
  ): handleUnaryCall<Request, Response> =>
  (call, callback) => {
    const refused = refusedCredentials(call.metadata);
    if (refused !== undefined) return callback(refused);
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(errorOfFailure(error)),
      );
  };

/** An RPC that answers one request with a stream; the call ends when the function does. */
export const serverStreaming =
  <Request>(
    openCalls: OpenCalls,
    answer: (request: Request, call: ServerWritableStream<Request, Buffer>) => Promise<void>,
  ): handleServerStreamingCall<Request, Buffer> =>
  (call) => {
    void serve(openCalls, call, call.metadata, () => answer(call.request, call));
  };

/** An RPC with a stream either way; the function ends the call by returning. */
export const duplex =
  <Request>(
    openCalls: OpenCalls,
    answer: (call: Parameters<handleBidiStreamingCall<Request, Buffer>>[0]) => Promise<void>,
  ): handleBidiStreamingCall<Request, Buffer> =>
  (call) => {
    void serve(openCalls, call, call.metadata, () => answer(call));
  };

const serve = async (
  openCalls: OpenCalls,
  call: ResponseStream & { on(event: 'error', listener: () => void): unknown },
  metadata: Metadata,
  answer: () => Promise<void>,
): Promise<void> => {
  openCalls.add(call);
  // A client that goes away ends its call with an error of its own; there is nobody left to tell.
  call.on('error', () => {});
  try {
    const refused = refusedCredentials(metadata);
    if (refused !== undefined) throw refused;
    await answer();
    if (!call.cancelled && !openCalls.isClosing()) call.end();
  } catch (error) {
    if (!openCalls.isClosing()) call.emit('error', errorOfFailure(error));
  } finally {
    openCalls.remove(call);
  }
};

/** An RPC that answers a stream of requests once. */
export const clientStreaming =
  <Request, Response>(
    answer: (requests: ServerReadableStream<Request, Response>) => Promise<Response>,
  ): handleClientStreamingCall<Request, Response> =>
  (call, callback) => {
    const refused = refusedCredentials(call.metadata);
    if (refused !== undefined) return callback(refused);
    answer(call).then(
      (response) => callback(null, response),
      (error: unknown) => callback(errorOfFailure(error)),
    );
  };
