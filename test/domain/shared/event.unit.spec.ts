import { describe, expect, test } from 'vitest';
import { accountEventSpecs } from '../../../src/domain/account/index.ts';
import { paymentEventSpecs } from '../../../src/domain/payment/index.ts';
import { programEventSpecs } from '../../../src/domain/program/index.ts';
import { saleEventSpecs } from '../../../src/domain/sale/index.ts';
import { type EventSpec, unreachable } from '../../../src/domain/shared/event.ts';
import { createCodec, defineEvent } from '../../../src/eventstore/index.ts';

const specs = [...programEventSpecs, ...saleEventSpecs, ...paymentEventSpecs, ...accountEventSpecs] as const;

describe('the events of all aggregates', () => {
  test('have types of their own, and are what the codec takes', () => {
    const codec = createCodec(specs);
    expect(codec.types.length).toBe(specs.length);
    expect(codec.versionOf('PaymentCaptured')).toBe(1);
  });

  test('can be read in every version there has been', () => {
    const all: readonly EventSpec[] = specs;
    for (const spec of all) {
      expect(() => defineEvent(spec)).not.toThrow();
    }
  });
});

describe('a switch without a case', () => {
  test('that is reached all the same says what it met', () => {
    expect(() => unreachable({ type: 'Unheard' } as never)).toThrow(
      'There is no case for {"type":"Unheard"}.',
    );
  });
});
