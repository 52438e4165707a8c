/**
 * The pages of the simulated payment provider, as a buyer's browser sees them. They work without scripts and
 * styles, by keyboard and by screen reader; a real provider would have its own.
 */
import { z } from 'zod';
import { amountMinorSchema } from '../domain/shared/money.ts';
import type { Charge, ChargeAnswer, Oddity } from '../payments/simulated/index.ts';
import { type Endpoint, endpoint, type Reply } from './endpoint.ts';
import { wholeNumber } from './inputs.ts';
import { refusal } from './refusals.ts';

const PATH = '/simulated-provider/charges';

export type SimulatedProviderEndpointsDeps = {
  readonly chargeOf: (chargeId: string) => Promise<Charge | undefined>;
  readonly pay: (chargeId: string, odd?: Oddity) => Promise<ChargeAnswer>;
  readonly decline: (chargeId: string) => Promise<ChargeAnswer>;
  readonly nowMs: () => number;
};

/** The address of a charge's page, under the engine's own address as a browser reaches it. */
export const chargePageUrl = (engineUrl: string, chargeId: string): string =>
  `${engineUrl.replace(/\/$/, '')}${PATH}/${chargeId}`;

const chargeParams = z.strictObject({ chargeId: z.string().regex(/^ch_[0-9a-f]{32}$/) });
/** Not on the page: for those who want to see what the engine makes of a provider's oddities. */
const oddities = z.strictObject({
  amountMinor: wholeNumber(0, Number.MAX_SAFE_INTEGER).pipe(amountMinorSchema).optional(),
  again: z.literal('true').optional(),
});

export const simulatedProviderEndpoints = (deps: SimulatedProviderEndpointsDeps): readonly Endpoint[] => [
  endpoint({
    method: 'GET',
    path: `${PATH}/:chargeId`,
    access: 'public',
    summary: 'The page of the simulated payment provider where a charge is paid or declined.',
    params: chargeParams,
    answers: { 200: 'text/html' },
    handle: async ({ params: { chargeId } }) => {
      const charge = await deps.chargeOf(chargeId);
      return charge === undefined ? refusal('not_found') : page(charge, deps.nowMs());
    },
  }),
  endpoint({
    method: 'POST',
    path: `${PATH}/:chargeId/pay`,
    access: 'public',
    summary: 'Pays a charge of the simulated payment provider.',
    params: chargeParams,
    query: oddities,
    answers: { 303: 'Back to the page of the charge.' },
    handle: async ({ params: { chargeId }, query: { amountMinor, again } }) =>
      afterwards(chargeId, await deps.pay(chargeId, { amountMinor, again: again === 'true' })),
  }),
  endpoint({
    method: 'POST',
    path: `${PATH}/:chargeId/decline`,
    access: 'public',
    summary: 'Declines a charge of the simulated payment provider.',
    params: chargeParams,
    answers: { 303: 'Back to the page of the charge.' },
    handle: async ({ params: { chargeId } }) => afterwards(chargeId, await deps.decline(chargeId)),
  }),
];

/** Back to the page, so that a reload pays nothing. */
const afterwards = (chargeId: string, answer: ChargeAnswer): Reply =>
  answer.kind === 'refused'
    ? refusal(answer.code)
    : { kind: 'empty', status: 303, headers: { location: `${PATH}/${chargeId}` } };

const page = (charge: Charge, nowMs: number): Reply => ({
  kind: 'bytes',
  status: 200,
  contentType: 'text/html; charset=utf-8',
  headers: {
    'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  },
  bytes: html(charge, nowMs),
});

/** Nothing in it comes from outside: numbers and codes that were parsed, and sentences of ours. */
const html = (charge: Charge, nowMs: number): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
    `<title>${titles[charge.status]} – simulated payment</title></head>`,
    '<body><main>',
    `<h1>${titles[charge.status]}</h1>`,
    '<p>This is a simulated payment provider: no money moves.</p>',
    '<dl>',
    `<dt>Order</dt><dd>${charge.orderNumber}</dd>`,
    `<dt>Payment</dt><dd>${charge.paymentNumber}</dd>`,
    `<dt>Amount</dt><dd>${amountText(charge)}</dd>`,
    '</dl>',
    ...(charge.status === 'open' ? forms(charge, nowMs) : []),
    '</main></body></html>',
  ].join('\n');

const titles = {
  open: 'Pay your order',
  paid: 'Paid',
  declined: 'Payment declined',
} as const satisfies Readonly<Record<Charge['status'], string>>;

const forms = ({ chargeId, deadlineMs }: Charge, nowMs: number): readonly string[] => {
  const until = new Date(deadlineMs).toISOString();
  const time =
    nowMs < deadlineMs
      ? `<p>Your seats are kept until <time datetime="${until}">${until}</time>.</p>`
      : '<p role="alert">The time to pay has passed. If you pay now you get your seats only if they are ' +
        'still free; otherwise your money comes back.</p>';
  return [
    time,
    `<form method="post" action="${PATH}/${chargeId}/pay"><button type="submit">Pay</button></form>`,
    `<form method="post" action="${PATH}/${chargeId}/decline"><button type="submit">Decline</button></form>`,
  ];
};

/** With as many decimals as the currency has. */
const amountText = ({ amountMinor, currency }: Charge): string => {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  const decimals = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** decimals);
};
