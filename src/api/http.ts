/** Puts the two lanes together: the lean one is asked first, Express answers the rest. */
import type { RequestListener } from 'node:http';
import { type AnswerOptions, createAnswer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { createStreams } from './events.ts';
import { createExpressLane } from './express-lane.ts';
import { createLeanLane } from './lean-lane.ts';
import { createPlaces, defaultLimits, type Limits } from './limits.ts';
import { createServe, type Lane, type Served } from './serve.ts';

export type HttpOptions = Omit<AnswerOptions, 'limits'> & {
  readonly endpoints: readonly Endpoint[];
  /** Which of them the lean lane serves. */
  readonly isHot?: (endpoint: Endpoint) => boolean;
  readonly limits?: Partial<Limits>;
  readonly onServed?: (served: Served) => void;
};

export type Http = {
  readonly listener: RequestListener;
  /** Call it when the server begins to close: streams of events would keep it open. */
  readonly endStreams: () => void;
};

/** Throws when two endpoints answer the same. */
export const createHttp = (options: HttpOptions): Http => {
  const limits = { ...defaultLimits, ...options.limits };
  const { endpoints, logError, onServed, isHot = () => false } = options;
  const answer = createAnswer({ ...options, limits });
  const streams = createStreams(limits.maxStreams);
  const serveIn = (lane: Lane) =>
    createServe({ lane, answer, inFlight: createPlaces(limits.maxInFlight), streams, logError, onServed });
  const lean = createLeanLane(endpoints.filter(isHot), serveIn('lean'));
  const express = createExpressLane(endpoints, serveIn('express'), logError);
  return {
    listener: (request, response) => {
      if (!lean(request, response)) express(request, response);
    },
    endStreams: streams.endAll,
  };
};
