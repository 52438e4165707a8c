/**
 * How far behind the log this process's read models and its gate projector are, for whoever has registered an
 * OpenTelemetry provider. What another process keeps, that one reports.
 */
import { type Meter, metrics, type ObservableCallback, type ObservableGauge } from '@opentelemetry/api';

export const lagAttribute = { projection: 'seatlog.projection' } as const;

export type LagSources = {
  /** Empty while another process keeps them. `lagMs` is undefined where nothing is known. */
  readonly projections: () => Promise<
    readonly { readonly name: string; readonly lagMs: number | undefined }[]
  >;
  /** Undefined while another process keeps Redis. */
  readonly gateLagMs: () => number | undefined;
};

export type LagGauges = { readonly stop: () => void };

export const startLagGauges = (
  { projections, gateLagMs }: LagSources,
  meter: Meter = metrics.getMeter('seatlog.lag'),
): LagGauges => {
  const releases = [
    observe(
      meter.createObservableGauge('seatlog.projection.lag', {
        description: 'How old the oldest event is that a read model has not applied.',
        unit: 'ms',
      }),
      async (result) => {
        // A database that is away is seen by other means.
        for (const { name, lagMs } of await projections().catch(() => []))
          if (lagMs !== undefined) result.observe(lagMs, { [lagAttribute.projection]: name });
      },
    ),
    observe(
      meter.createObservableGauge('seatlog.gate.lag', {
        description: 'How old the first event is that is being put into Redis.',
        unit: 'ms',
      }),
      (result) => {
        const lagMs = gateLagMs();
        if (lagMs !== undefined) result.observe(lagMs);
      },
    ),
  ];
  return {
    stop: () => {
      for (const release of releases) release();
    },
  };
};

const observe = (gauge: ObservableGauge, callback: ObservableCallback): (() => void) => {
  gauge.addCallback(callback);
  return () => gauge.removeCallback(callback);
};
