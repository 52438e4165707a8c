import { afterEach, describe, expect, it } from 'vitest';
import { type PaymentEndpointsDeps, paymentEndpoints } from '../../src/api/payments.ts';
import {
  type SimulatedProviderEndpointsDeps,
  simulatedProviderEndpoints,
} from '../../src/api/simulated-provider.ts';
import { ProviderError } from '../../src/payments/provider.ts';
import type { Charge } from '../../src/payments/simulated/index.ts';
import { cny, fen, orderNumber, paymentNumber, programId } from '../domain/payment/fixtures.ts';
import { bearer, type LaneServer, startLane } from './lanes.ts';

const NOW_MS = 1_700_000_000_000;
const CHARGE = `ch_${'0'.repeat(32)}`;
const open: Charge = {
  chargeId: CHARGE,
  paymentNumber,
  orderNumber,
  amountMinor: fen(1_234),
  currency: cny,
  deadlineMs: NOW_MS + 1,
  status: 'open',
};

let server: LaneServer | undefined;
afterEach(() => server?.close());

type Deps = Partial<PaymentEndpointsDeps & SimulatedProviderEndpointsDeps>;
const call = async (deps: Deps, method: string, path: string, body?: unknown): Promise<Response> => {
  const unused = () => Promise.reject(new Error('Not asked for in this test.'));
  const all = {
    programOf: async () => programId,
    payOrder: unused,
    refundOrder: unused,
    takeCallback: unused,
    chargeOf: unused,
    pay: unused,
    decline: unused,
    nowMs: () => NOW_MS,
    ...deps,
  };
  server = await startLane('express', [...paymentEndpoints(all), ...simulatedProviderEndpoints(all)]);
  return fetch(`http://127.0.0.1:${server.port}${path}`, {
    method,
    redirect: 'manual',
    headers: { ...(await bearer('op', ['operator'])), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
};
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

describe('Paying over HTTP', () => {
  it('asks in the name of the token, for the program that the order is of', async () => {
    const asked: unknown[] = [];
    const answer = await call(
      {
        payOrder: async (request) => {
          asked.push(request);
          return { kind: 'refused', code: 'too_many_payments' };
        },
      },
      'POST',
      `/orders/${orderNumber}/pay`,
    );
    expect(await codeOf(answer)).toEqual([409, 'too_many_payments']);
    expect(asked).toEqual([{ orderNumber, programId, buyer: 'op' }]);
  });

  it('does not find an order that no read model knows', async () => {
    const answer = await call({ programOf: async () => undefined }, 'POST', '/orders/5/pay');
    expect(await codeOf(answer)).toEqual([404, 'order_not_found']);
  });

  it('says when to come again where the provider does not answer', async () => {
    const payOrder = () => Promise.reject(new ProviderError('away'));
    const answer = await call({ payOrder }, 'POST', '/orders/5/pay');
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(await codeOf(answer)).toEqual([503, 'unavailable']);
  });
});

describe('An operator’s refund', () => {
  it.each([[{ tickets: [] }], [{ tickets: [-1] }], [{ tickets: ['1'] }], [{ all: true }]])(
    'of %j is refused before anybody is asked',
    async (body) => {
      expect(await codeOf(await call({}, 'POST', '/orders/5/refund', body))).toEqual([
        422,
        'invalid_request',
      ]);
    },
  );

  it('says what is left of the order', async () => {
    const answer = await call(
      { refundOrder: async () => ({ kind: 'refunded', orderNumber, status: 'issued', tickets: [0] }) },
      'POST',
      `/orders/${orderNumber}/refund`,
      { tickets: [1] },
    );
    expect([answer.status, await answer.json()]).toEqual([
      202,
      { orderNumber, status: 'issued', tickets: [0] },
    ]);
  });
});

describe('The page of a simulated charge', () => {
  const path = `/simulated-provider/charges/${CHARGE}`;
  const textOf = async (charge: Charge) => {
    const answer = await call({ chargeOf: async () => charge }, 'GET', path);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    return answer.text();
  };

  it('shows what is to be paid until when, with a button each to pay and to decline', async () => {
    const page = await textOf(open);
    expect(page).toContain('<html lang="en">');
    expect(page).toMatch(/CNY\s12\.34/);
    expect(page).toContain('2023-11-14T22:13:20.001Z');
    expect(page).toContain(
      `<form method="post" action="${path}/pay"><button type="submit">Pay</button></form>`,
    );
    expect(page).toContain(`action="${path}/decline"`);
  });

  it('warns when the time to pay has passed', async () => {
    expect(await textOf({ ...open, deadlineMs: NOW_MS })).toContain('role="alert"');
  });

  it('offers nothing more once it is paid or declined', async () => {
    expect(await textOf({ ...open, status: 'paid' })).not.toContain('<form');
    expect(await textOf({ ...open, status: 'declined' })).not.toContain('<form');
  });

  it('knows the minor units of each currency', async () => {
    const yen = { ...open, currency: 'JPY' as Charge['currency'] };
    expect(await textOf(yen)).toMatch(/JPY\s1,234</);
  });

  it('is not found for a charge that never was', async () => {
    expect(await codeOf(await call({ chargeOf: async () => undefined }, 'GET', path))).toEqual([
      404,
      'not_found',
    ]);
  });

  it('comes back after paying, by a redirection that a reload does not repeat', async () => {
    const pay = async () => ({ kind: 'changed', charge: { ...open, status: 'paid' } }) as const;
    const answer = await call({ pay }, 'POST', `${path}/pay`);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, path]);
  });
});
