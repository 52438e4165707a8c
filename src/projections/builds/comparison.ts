/** A build against the live one at one moment: both at the position where the live one stands in that transaction. */
import type { Certificate } from '../../rebuild/certificate.ts';
import type { Differences } from '../../rebuild/rebuildable.ts';
import { compare, digestOf } from './compare.ts';
import type { BuildDeps } from './deps.ts';
import { type Filling, feedWithin } from './feed.ts';
import { readLive } from './live.ts';
import { traced } from './trace.ts';

export type Comparison = {
  readonly differences: Differences;
  readonly certificate: Certificate;
};

type How = {
  readonly work: Certificate['work'];
  readonly liveSchema: string;
  readonly signal: AbortSignal;
};

/**
 * The transaction's snapshot holds the live rows and where they stand; the build is fed up to exactly there within it.
 * The live build goes on being written meanwhile.
 */
export const compareWithLive = async (
  deps: BuildDeps,
  filling: Filling,
  { work, liveSchema, signal }: How,
): Promise<Comparison> => {
  const { projection, tally } = filling;
  const { name, tables, version } = projection;
  const found = await filling.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      const { position } = await readLive(transaction, liveSchema, name);
      await feedWithin(deps, filling, transaction, { until: position, signal, onPages: () => undefined });
      return { position, ...(await compare(transaction, tables, liveSchema, filling.schema)) };
    });
  const result = {
    ...({ projection: name, store: 'sql', work, version } as const),
    ...{ digest: digestOf(found.parts), parts: found.parts, differences: found.count },
    finishedAtMs: deps.nowMs(),
  };
  const certificate = tally.certificate({ ...result, parts: [...found.parts] });
  return {
    certificate,
    differences: await traced(deps, projection, found, { until: found.position, signal }),
  };
};
