/** The chapters of the kept log, in the order they are told. To keep examples of new events, add one at the end. */
import type { Teller } from '../teller.ts';
import { tellFirstRelease } from './first-release.ts';
import { tellRebuildsAndReads } from './rebuilds-and-reads.ts';

export type Chapter = { readonly name: string; readonly tell: (teller: Teller) => void };

export const chapters: readonly Chapter[] = [
  { name: 'first-release', tell: tellFirstRelease },
  { name: 'rebuilds-and-reads', tell: tellRebuildsAndReads },
];
