/**
 * People who do not exist, for examples, tests and load: each with a name and a mainland id number that is
 * well formed. The same seed makes the same people.
 */
import { checkDigit } from '../privacy/id-rules.ts';

export type DemoPerson = { readonly name: string; readonly idType: 1; readonly idNumber: string };

const DAY_MS = 86_400_000;
const FIRST_BIRTH_MS = Date.UTC(1950, 0, 1);
/** To the autumn of 2004. */
const BIRTH_DAYS = 20_000;
const NUMBERS_PER_DAY = 1_000;
const REGIONS = ['110105', '310101', '310115', '330106', '440304', '500103', '510104', '610113'];
/** How many different people there are. */
export const DEMO_POPULATION = REGIONS.length * BIRTH_DAYS * NUMBERS_PER_DAY;
/** Shares no divisor with the population, so that different people have different documents. */
const STRIDE = 61_803_399n;

const SURNAMES = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗'];
const GIVEN = [...'伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文雨晨欣怡子涵'];

/** At most `DEMO_POPULATION` of them are different. */
export const demoPerson = (seed: number, nth: number): DemoPerson => {
  const index = Number(
    ((((BigInt(seed) + BigInt(nth)) * STRIDE) % BigInt(DEMO_POPULATION)) + BigInt(DEMO_POPULATION)) %
      BigInt(DEMO_POPULATION),
  );
  const sequence = String(index % NUMBERS_PER_DAY).padStart(3, '0');
  const rest = Math.floor(index / NUMBERS_PER_DAY);
  const born = new Date(FIRST_BIRTH_MS + (rest % BIRTH_DAYS) * DAY_MS);
  const region = REGIONS[Math.floor(rest / BIRTH_DAYS)] ?? '';
  const digits = region + born.toISOString().slice(0, 10).replaceAll('-', '') + sequence;
  const name =
    pick(SURNAMES, index) + pick(GIVEN, index >> 5) + (index % 3 === 0 ? '' : pick(GIVEN, index >> 10));
  return { name, idType: 1, idNumber: digits + checkDigit(digits) };
};

export const demoPeople = (seed: number, count: number): readonly DemoPerson[] =>
  Array.from({ length: count }, (_, nth) => demoPerson(seed, nth));

const pick = (from: readonly string[], index: number): string => from[index % from.length] ?? '';
