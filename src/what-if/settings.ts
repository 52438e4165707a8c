/** The settings of a sale that can be asked about, as people write them. */
import { type SaleTerms, type SeatPolicyName, saleTermsSchema, seatPolicies } from '../domain/sale/index.ts';

const MS_PER_UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const MAX_TTL_MS = 30 * 24 * MS_PER_UNIT.h;

export type Settings = {
  readonly holdTtlMs: number;
  readonly paymentTtlMs: number;
  /** Tickets of a buyer. */
  readonly perBuyer: number;
  readonly perOrder: number;
  readonly seatPolicy: SeatPolicyName;
};

export type WhatIf = Partial<Settings>;

export type ParsedWhatIf =
  | { readonly kind: 'settings'; readonly settings: WhatIf }
  | { readonly kind: 'refused'; readonly code: 'unknown_setting' | 'bad_setting'; readonly problem: string };

type Reading = { readonly value: WhatIf } | { readonly problem: string };

const readers: Readonly<Record<string, (text: string) => Reading>> = {
  'hold-ttl': (text) => duration(text, (holdTtlMs) => ({ holdTtlMs })),
  'payment-ttl': (text) => duration(text, (paymentTtlMs) => ({ paymentTtlMs })),
  limit: (text) => count(text, 1_000_000, (perBuyer) => ({ perBuyer })),
  'per-order': (text) => count(text, 28, (perOrder) => ({ perOrder })),
  'seat-policy': (text) => {
    const name = policyNames.find((policy) => policy === text);
    return name === undefined
      ? { problem: `is one of ${policyNames.join(', ')}` }
      : { value: { seatPolicy: name } };
  },
};

export const policyNames = Object.keys(seatPolicies) as readonly SeatPolicyName[];
export const settingNames = Object.keys(readers);

/** Of texts like `hold-ttl=2m` or `limit=4,per-order=2`. A setting that is named twice is refused. */
export function parseWhatIf(texts: readonly string[]): ParsedWhatIf {
  const named = texts
    .flatMap((several) => several.split(','))
    .map((text) => {
      const [, name = text, value = ''] = /^([^=]*)=(.*)$/.exec(text.trim()) ?? [];
      return { name, value };
    });
  return readEach(named, (name) => name, `${settingNames.join(', ')}, each as name=value`);
}

/** The same settings as members of JSON, `{"holdTtl": "2m", "limit": 4}`, with the same bounds. */
export function parseWhatIfMembers(members: Readonly<Record<string, string | number>>): ParsedWhatIf {
  const named = Object.entries(members).map(([name, value]) => ({ name, value: String(value) }));
  const settingOf = (name: string) =>
    Object.hasOwn(settingOfMember, name) ? settingOfMember[name] : undefined;
  return readEach(named, settingOf, Object.keys(settingOfMember).join(', '));
}

const settingOfMember: Readonly<Record<string, string>> = {
  holdTtl: 'hold-ttl',
  paymentTtl: 'payment-ttl',
  limit: 'limit',
  perOrder: 'per-order',
  seatPolicy: 'seat-policy',
};

function readEach(
  named: readonly { readonly name: string; readonly value: string }[],
  settingOf: (name: string) => string | undefined,
  known: string,
): ParsedWhatIf {
  let settings: WhatIf = {};
  const seen = new Set<string>();
  for (const { name, value } of named) {
    const setting = settingOf(name) ?? '';
    const read = Object.hasOwn(readers, setting) ? readers[setting] : undefined;
    if (read === undefined) {
      const problem = `“${name.slice(0, 40)}” is no setting: give ${known}.`;
      return { kind: 'refused', code: 'unknown_setting', problem };
    }
    if (seen.has(setting))
      return { kind: 'refused', code: 'bad_setting', problem: `${name} is named twice.` };
    seen.add(setting);
    const reading = read(value);
    if ('problem' in reading)
      return { kind: 'refused', code: 'bad_setting', problem: `${name} ${reading.problem}.` };
    settings = { ...settings, ...reading.value };
  }
  return { kind: 'settings', settings };
}

function duration(text: string, made: (ms: number) => WhatIf): Reading {
  const [, digits = '', unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
  const factor = Object.entries(MS_PER_UNIT).find(([name]) => name === unit)?.[1];
  const ms = factor === undefined ? Number.NaN : Math.round(Number(digits) * factor);
  return ms >= 1 && ms <= MAX_TTL_MS
    ? { value: made(ms) }
    : { problem: 'is a time with its unit, like 90s, 15m or 500ms, and at most 30 days' };
}

function count(text: string, most: number, made: (tickets: number) => WhatIf): Reading {
  const tickets = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return tickets >= 1 && tickets <= most
    ? { value: made(tickets) }
    : { problem: `is a number of tickets from 1 to ${most}` };
}

/** What a sale was started with. Its seats were chosen by the engine's own policy, the only one it has. */
export const settingsOf = ({ holdTtlMs, paymentTtlMs, limits }: SaleTerms): Settings => ({
  holdTtlMs,
  paymentTtlMs,
  perBuyer: limits.perBuyer,
  perOrder: limits.perOrder,
  seatPolicy: 'best',
});

/** The terms of the same sale under these settings. */
export const termsUnder = (terms: SaleTerms, settings: Settings): SaleTerms =>
  saleTermsSchema.parse({
    ...terms,
    holdTtlMs: settings.holdTtlMs,
    paymentTtlMs: settings.paymentTtlMs,
    limits: { perOrder: settings.perOrder, perBuyer: settings.perBuyer },
  });
