/** A hall of as many seats as are wanted: stalls, circle and balcony, in rows of forty with two aisles. */

const SEATS_PER_ROW = 40;
const AISLES_AFTER = [10, 30];
const ROWS_PER_SECTION = 25;
/** Below this a hall is one room. */
const SMALL_HALL_SEATS = 120;

const LEVELS = [
  { id: 'stalls', name: { zh: '池座', en: 'Stalls' }, priceMinor: 88_000, share: 0.4 },
  { id: 'circle', name: { zh: '楼座', en: 'Circle' }, priceMinor: 58_000, share: 0.35 },
  { id: 'balcony', name: { zh: '看台', en: 'Balcony' }, priceMinor: 28_000, share: 0.25 },
] as const;
type Level = (typeof LEVELS)[number];

/** Ticket categories as the API takes them; their seats add up to `seats`. */
export function hallOf(seats: number) {
  if (seats < SMALL_HALL_SEATS) return [categoryOf(LEVELS[0], seats)];
  const circle = Math.round(seats * LEVELS[1].share);
  const balcony = Math.round(seats * LEVELS[2].share);
  return [
    categoryOf(LEVELS[0], seats - circle - balcony),
    categoryOf(LEVELS[1], circle),
    categoryOf(LEVELS[2], balcony),
  ];
}

function categoryOf({ id, name, priceMinor }: Level, seats: number) {
  const sections = [];
  for (let left = seats, section = 1; left > 0; section += 1) {
    const here = Math.min(left, ROWS_PER_SECTION * SEATS_PER_ROW);
    sections.push({ name: `${name.en} ${section}`, rows: rowsOf(here) });
    left -= here;
  }
  return { kind: 'seated', id, name, priceMinor, sections } as const;
}

function rowsOf(seats: number) {
  const rows = Math.floor(seats / SEATS_PER_ROW);
  const rest = seats % SEATS_PER_ROW;
  const group = (labels: string, width: number) => {
    const aisles = AISLES_AFTER.filter((seat) => seat < width);
    return {
      rows: labels,
      seats: width === 1 ? '1' : `1-${width}`,
      ...(aisles.length > 0 && { aislesAfter: aisles.join(',') }),
    };
  };
  const groups = rows === 0 ? [] : [group(rows === 1 ? '1' : `1-${rows}`, SEATS_PER_ROW)];
  return rest === 0 ? groups : [...groups, group(String(rows + 1), rest)];
}
