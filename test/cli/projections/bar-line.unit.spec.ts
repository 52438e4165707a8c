/** How a progress bar makes do with the room that there is. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { barLine } from '../../../src/cli/projections/bar-line.ts';
import { holds } from '../../support/properties.ts';

const said = {
  ...{ name: 'sales_statistics', phase: 'reading', percent: 50 },
  ...{ events: '1,234,567', rate: ', 98,765/s', left: ', 12 s left' },
};

it.each([
  [
    160,
    `sales_statistics reading ${'█'.repeat(20)}${'░'.repeat(20)} 50% | 1,234,567 events, 98,765/s, 12 s left`,
  ],
  [80, 'sales_statistics reading █████░░░░░ 50% | 1,234,567 events, 98,765/s, 12 s left'],
  [79, 'sales_statistics reading 50% | 1,234,567 events, 98,765/s, 12 s left'],
  [66, 'sales_statistics 50% | 1,234,567 events, 98,765/s, 12 s left'],
  [42, 'sales_statistics 50%, 98,765/s, 12 s left'],
  [40, 'sales_statistics 50%, 12 s left'],
  [20, '50% sales_statistic'],
  [3, '50'],
  [0, ''],
])('in %i columns it says as much as there is room for', (columns, line) => {
  expect(barLine(said, columns)).toBe(line);
});

it('It never needs the last column, and shows how far it is wherever there is room for that.', () => {
  holds(
    fc.property(fc.nat(200), fc.nat(100), (columns, percent) => {
      const line = barLine({ ...said, percent }, columns);
      expect(line.length).toBeLessThanOrEqual(Math.max(0, columns - 1));
      if (columns > '100%'.length) expect(line).toContain(`${percent}%`);
    }),
  );
});

it('A bar is full at the end and empty at the start.', () => {
  expect(barLine({ ...said, percent: 100 }, 200)).not.toContain('░');
  expect(barLine({ ...said, percent: 0 }, 200)).not.toContain('█');
});
