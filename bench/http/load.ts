/**
 * Requests that are made once and sent as they are: a client that costs little, so that the server is what is
 * measured.
 */
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /content-length: (\d+)/i;

export type Load = {
  readonly port: number;
  readonly connections: number;
  /** The next request to send; undefined when there is none left, and from then on. */
  readonly take: () => Buffer | undefined;
  /** Of a whole answer, its head included. */
  readonly isExpected: (answer: string) => boolean;
};

export const isCreated = (answer: string): boolean => answer.startsWith('HTTP/1.1 201');

/** All of them in turn, again and again, until the time is over. */
export const againFor = (requests: readonly Buffer[], durationMs: number): Load['take'] => {
  const untilMs = performance.now() + durationMs;
  let next = 0;
  return () => (performance.now() < untilMs ? requests[next++ % requests.length] : undefined);
};

export const eachOnce = (requests: readonly Buffer[]): Load['take'] => {
  let next = 0;
  return () => requests[next++];
};

/** How many were answered. Rejects at the first answer that is not as expected, or does not come, and sends no more. */
export const runLoad = async (load: Load): Promise<number> => {
  let hasFailed = false;
  const take = (): Buffer | undefined => (hasFailed ? undefined : load.take());
  const connection = async (): Promise<number> => {
    try {
      return await runConnection({ ...load, take });
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const counts = await Promise.all(Array.from({ length: load.connections }, connection));
  return counts.reduce((sum, count) => sum + count, 0);
};

/** One request at a time on one connection, as long as there is one to send. */
const runConnection = ({ port, take, isExpected }: Load): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let answered = 0;
    const send = (): void => {
      const request = take();
      if (request !== undefined) socket.write(request);
      else {
        resolve(answered);
        socket.destroy();
      }
    };
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('data', (text: string) => {
      received += text;
      if (!isWhole(received)) return;
      if (!isExpected(received)) {
        reject(new Error(`An answer was not as expected:\n${received}`));
        socket.destroy();
        return;
      }
      received = '';
      answered++;
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed a connection.')));
  });

const isWhole = (text: string): boolean => {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return false;
  const length = Number(CONTENT_LENGTH.exec(text)?.[1] ?? 0);
  return text.length >= end + HEAD_END.length + length;
};
