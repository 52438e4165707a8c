/** A table on a screen that is too narrow for it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Column, renderTable } from '../../../src/cli/projections/table.ts';
import { holds } from '../../support/properties.ts';

type Row = { readonly name: string; readonly lag: string; readonly store: string; readonly state: string };
const columns: readonly Column<Row>[] = [
  { title: 'NAME', align: 'left', cell: ({ name }) => name },
  { title: 'STORE', align: 'left', weight: 1, cell: ({ store }) => store },
  { title: 'LAG', align: 'right', weight: 2, cell: ({ lag }) => lag },
  { title: 'STATE', align: 'left', cell: ({ state }) => state },
];
const rows: readonly Row[] = [
  { name: 'orders', store: 'sql', lag: '7', state: 'running' },
  { name: 'gate', store: 'redis', lag: '1,000', state: 'running' },
];

it.each([
  [
    undefined,
    ['NAME    STORE    LAG  STATE', 'orders  sql        7  running', 'gate    redis  1,000  running'],
  ],
  [29, ['NAME    STORE    LAG  STATE', 'orders  sql        7  running', 'gate    redis  1,000  running']],
  [28, ['NAME      LAG  STATE', 'orders      7  running', 'gate    1,000  running']],
  [21, ['NAME    STATE', 'orders  running', 'gate    running']],
  [10, ['NAME    S…', 'orders  r…', 'gate    r…']],
])('within %s columns it leaves out what matters least, and cuts what is left', (width, lines) => {
  expect(renderTable(columns, rows, width)).toEqual(lines);
});

it('No line of it is ever longer than it may be.', () => {
  holds(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.string({ maxLength: 12 }), { maxLength: 5 }),
      (width, names) => {
        const some = names.map((name) => ({ name, store: 'sql', lag: '7', state: 'running' }));
        for (const line of renderTable(columns, some, width)) expect(line.length).toBeLessThanOrEqual(width);
      },
    ),
  );
});
