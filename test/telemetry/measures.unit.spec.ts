/** What a registered OpenTelemetry provider hears of requests and of lags. */
import { describe, expect, it } from 'vitest';
import { createHttpMeasures } from '../../src/telemetry/http-measures.ts';
import { type LagSources, startLagGauges } from '../../src/telemetry/lag-gauges.ts';
import { writingMeter } from './meter.ts';

describe('A request', () => {
  it('is counted by its endpoint, its lane and its status, with how long it took', () => {
    const { meter, written } = writingMeter();
    const measure = createHttpMeasures(meter);
    measure({ lane: 'lean', method: 'GET', path: '/orders/:orderNumber/status', status: 200, tookMs: 3 });
    const attributes = {
      'http.request.method': 'GET',
      'http.route': '/orders/:orderNumber/status',
      'http.response.status_code': 200,
      'seatlog.lane': 'lean',
    };
    expect(written).toEqual([
      { name: 'seatlog.http.requests', value: 1, attributes },
      { name: 'seatlog.http.duration', value: 3, attributes },
    ]);
  });
});

describe('A lag', () => {
  const lags = (sources: Partial<LagSources>) => {
    const { meter, collect } = writingMeter();
    const none: LagSources = { projections: async () => [], gateLagMs: () => undefined };
    return { collect, gauges: startLagGauges({ ...none, ...sources }, meter) };
  };

  it('is told of each read model and of the gate’s projector', async () => {
    const { collect } = lags({
      projections: async () => [
        { name: 'orders', lagMs: 12 },
        { name: 'tickets', lagMs: undefined },
      ],
      gateLagMs: () => 0,
    });
    expect(await collect()).toEqual([
      { name: 'seatlog.projection.lag', value: 12, attributes: { 'seatlog.projection': 'orders' } },
      { name: 'seatlog.gate.lag', value: 0, attributes: {} },
    ]);
  });

  it('is not told of what another process keeps, or while the database is away', async () => {
    expect(await lags({}).collect()).toEqual([]);
    expect(await lags({ projections: () => Promise.reject(new Error('away')) }).collect()).toEqual([]);
  });

  it('is told no more after the end', async () => {
    const { collect, gauges } = lags({ gateLagMs: () => 1 });
    gauges.stop();
    expect(await collect()).toEqual([]);
  });
});
