/** Requests and how long they took, by endpoint, for whoever has registered an OpenTelemetry provider. */
import { type Meter, metrics } from '@opentelemetry/api';

export const httpAttribute = {
  method: 'http.request.method',
  route: 'http.route',
  status: 'http.response.status_code',
  lane: 'seatlog.lane',
} as const;

/** A request that was answered; `path` is the endpoint's, with parameters by name, so that there are few. */
export type MeasuredRequest = {
  readonly lane: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly tookMs: number;
};

export const createHttpMeasures = (
  meter: Meter = metrics.getMeter('seatlog.http'),
): ((served: MeasuredRequest) => void) => {
  const counter = meter.createCounter('seatlog.http.requests', { description: 'Requests answered.' });
  const duration = meter.createHistogram('seatlog.http.duration', {
    description: 'From a request’s head to the last byte of its answer.',
    unit: 'ms',
  });
  return ({ lane, method, path, status, tookMs }) => {
    const attributes = {
      [httpAttribute.method]: method,
      [httpAttribute.route]: path,
      [httpAttribute.status]: status,
      [httpAttribute.lane]: lane,
    };
    counter.add(1, attributes);
    duration.record(tookMs, attributes);
  };
};
