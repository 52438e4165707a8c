/**
 * Requests that are made once and sent again and again: a client that costs little, so that the server is
 * what is measured.
 */
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = /content-length: (\d+)/i;

export type Load = {
  readonly port: number;
  readonly connections: number;
  readonly durationMs: number;
  /** Sent in turn. */
  readonly requests: readonly Buffer[];
  /** What every answer must begin with, for example `HTTP/1.1 201`. */
  readonly expected: string;
};

/** How many were answered. Rejects at the first answer that is not as expected. */
export const runLoad = async (load: Load): Promise<number> => {
  const untilMs = performance.now() + load.durationMs;
  let next = 0;
  const take = (): Buffer | undefined =>
    performance.now() < untilMs ? load.requests[next++ % load.requests.length] : undefined;
  const counts = await Promise.all(Array.from({ length: load.connections }, () => runConnection(load, take)));
  return counts.reduce((sum, count) => sum + count, 0);
};

/** One request at a time on one connection, as long as there is one to send. */
const runConnection = (load: Load, take: () => Buffer | undefined): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket: Socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true });
    let received = '';
    let answered = 0;
    const send = (): void => {
      const request = take();
      if (request !== undefined) socket.write(request);
      else {
        socket.destroy();
        resolve(answered);
      }
    };
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('data', (text: string) => {
      received += text;
      if (!isWhole(received)) return;
      if (!received.startsWith(load.expected)) {
        socket.destroy();
        reject(new Error(`An answer was not as expected:\n${received}`));
        return;
      }
      received = '';
      answered++;
      send();
    });
    socket.on('error', reject);
  });

const isWhole = (text: string): boolean => {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return false;
  const length = Number(CONTENT_LENGTH.exec(text)?.[1] ?? 0);
  return text.length >= end + HEAD_END.length + length;
};
