/** A meter that writes down what it is told, as a registered OpenTelemetry provider would. */
import { type Attributes, createNoopMeter, type Meter, type ObservableCallback } from '@opentelemetry/api';

export type Written = { readonly name: string; readonly value: number; readonly attributes: Attributes };

export type WritingMeter = {
  readonly meter: Meter;
  readonly written: readonly Written[];
  /** Asks every gauge, as a provider does before it exports. */
  readonly collect: () => Promise<readonly Written[]>;
};

export function writingMeter(): WritingMeter {
  const written: Written[] = [];
  const gauges = new Map<string, Set<ObservableCallback>>();
  const writeTo =
    (name: string, into: Written[] = written) =>
    (value: number, attributes: Attributes = {}): void => {
      into.push({ name, value, attributes });
    };
  const meter: Meter = Object.assign(createNoopMeter(), {
    createCounter: (name: string) => ({ add: writeTo(name) }),
    createHistogram: (name: string) => ({ record: writeTo(name) }),
    createObservableGauge: (name: string) => {
      const callbacks = new Set<ObservableCallback>();
      gauges.set(name, callbacks);
      return {
        addCallback: (callback: ObservableCallback) => void callbacks.add(callback),
        removeCallback: (callback: ObservableCallback) => void callbacks.delete(callback),
      };
    },
  });
  return {
    meter,
    written,
    collect: async () => {
      const observed: Written[] = [];
      for (const [name, callbacks] of gauges) {
        for (const callback of callbacks) await callback({ observe: writeTo(name, observed) });
      }
      return observed;
    },
  };
}
