/**
 * Server-sent events, in both lanes: as they come, no longer than they are wanted, and no more than there may
 * be.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { endpoint, type ServerSentEvent } from '../../src/api/endpoint.ts';
import { ask } from './client.ts';
import { type LaneServer, lanes, startLane } from './lanes.ts';

let server: LaneServer;
afterEach(() => server.close());

const streaming = (events: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>) =>
  endpoint({
    method: 'GET',
    path: '/events',
    access: 'public',
    summary: 'Streams.',
    answers: { 200: 'Events.' },
    handle: ({ signal }) => ({ kind: 'events', events: events(signal) }),
  });

/** A source that says one thing and then nothing, until its caller has gone. */
const createEndless = () => {
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  async function* events(signal: AbortSignal): AsyncGenerator<ServerSentEvent> {
    try {
      yield { event: 'status', data: { status: 'queued' } };
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      ended();
    }
  }
  return { events, end };
};

const follow = async (): Promise<IncomingMessage> => {
  const request = get({ port: server.port, host: '127.0.0.1', path: '/events', agent: false });
  const [response] = await once(request, 'response');
  return response;
};

describe.each(lanes)('the %s lane', (lane) => {
  test('writes events as they come and ends with the last', async () => {
    async function* two(): AsyncGenerator<ServerSentEvent> {
      yield { event: 'status', data: { text: 'a\nb' } };
      yield { event: 'status', data: 2 };
    }
    server = await startLane(lane, [streaming(two)]);
    const answer = await ask(server.port, { path: '/events' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
    });
    expect(answer.text).toBe('event: status\ndata: {"text":"a\\nb"}\n\nevent: status\ndata: 2\n\n');
  });

  test('ends the source when the caller has gone', async () => {
    const { events, end } = createEndless();
    server = await startLane(lane, [streaming(events)]);
    const response = await follow();
    await once(response, 'data');
    response.destroy();
    await end;
  });

  test('refuses more streams than there may be', async () => {
    const { events } = createEndless();
    server = await startLane(lane, [streaming(events)], { limits: { maxStreams: 1 } });
    const response = await follow();
    expect((await ask(server.port, { path: '/events' })).json()).toMatchObject({ code: 'overloaded' });
    response.destroy();
  });

  test('ends all streams and their sources when the server is to close', async () => {
    const { events, end } = createEndless();
    server = await startLane(lane, [streaming(events)]);
    const response = await follow();
    server.endStreams();
    expect(await text(response)).toBe('event: status\ndata: {"status":"queued"}\n\n');
    await end;
  });

  test('waits for a caller that reads slowly', async () => {
    const data = 'x'.repeat(1_000_000);
    let sent = 0;
    async function* many(): AsyncGenerator<ServerSentEvent> {
      for (; sent < 20; sent++) yield { event: 'status', data };
    }
    server = await startLane(lane, [streaming(many)]);
    const response = await follow();
    await once(response, 'readable');
    // As much as the sockets between the two take, and no more.
    expect(sent).toBeLessThan(20);
    expect((await text(response)).length).toBeGreaterThan(20_000_000);
  });

  test('answers HEAD without a stream', async () => {
    const { events } = createEndless();
    server = await startLane(lane, [streaming(events)]);
    expect(await ask(server.port, { method: 'HEAD', path: '/events' })).toMatchObject({
      status: 200,
      text: '',
    });
  });

  test('logs a source that fails, and ends', async () => {
    async function* broken(): AsyncGenerator<ServerSentEvent> {
      yield { event: 'status', data: 1 };
      throw new Error('broken');
    }
    server = await startLane(lane, [streaming(broken)]);
    await ask(server.port, { path: '/events' });
    expect(server.logged).toMatchObject([{ error: { message: 'broken' }, path: '/events' }]);
  });
});
