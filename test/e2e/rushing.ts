/** Rushes for end-to-end specs: small, seeded, and with something that happens in the middle of them. */
import type { RushOptions } from '../../src/rush/options.ts';
import { type Progress, silent } from '../../src/rush/progress.ts';
import { type ModeReport, type RushDeps, type RushReport, runRush } from '../../src/rush/rush.ts';
import { createTokens } from '../../src/rush/tokens.ts';
import type { Keys } from '../support/engine-beside.ts';

export type Incident = {
  /** Of the buyers who have their answer: 0 to 1; beyond 1 it happens when all of them have. */
  readonly atShare: number;
  readonly happens: () => Promise<void>;
};

export type SmallRush = Pick<RushOptions, 'urls' | 'modes' | 'seed' | 'seats' | 'buyers'> &
  Partial<RushOptions>;

/** `incident` happens once. The report rejects as `runRush` does, the incident with its own error or the report's. */
export function rushThrough(
  { keys, check }: { readonly keys: Pick<Keys, 'token'>; readonly check: NonNullable<RushDeps['check']> },
  small: SmallRush,
  incident?: Incident,
): { readonly incident: Promise<void>; readonly report: Promise<RushReport> } {
  const options: RushOptions = {
    ...{ programId: undefined, connections: 32, pay: 0.6, cancel: 0.1, party: { from: 1, to: 4 } },
    ...{ paymentTtlMs: 3_000, tolerateRestarts: true },
    ...small,
  };
  const { progress, happened } = watch(options.buyers, incident);
  const report = runRush(options, { tokenFor: createTokens(keys.token), progress, check });
  // Whoever waits for the incident learns of a rush that failed before it.
  const failed = report.then(() => new Promise<never>(() => undefined));
  return { report, incident: Promise.race([happened, failed]) };
}

/**
 * What the check of a mode found broken, and what its buyers met beside refusals. Coming too late to pay is none of
 * it: they have seconds, and the engine may have been away for as long.
 */
export const brokenIn = ({ check, programId, errors }: ModeReport) => ({
  programId,
  errors: Object.keys(errors).filter((code) => !code.endsWith(': order_expired')),
  broken: check?.findings.filter(({ ok }) => !ok),
});

/** What `brokenIn` says of a mode that kept every promise. */
export const nothingBroken = ({ programId }: ModeReport) => ({ programId, errors: [], broken: [] });

function watch(
  buyers: number,
  { atShare, happens }: Incident = { atShare: 0, happens: async () => undefined },
): { readonly progress: Progress; readonly happened: Promise<void> } {
  let begin = (): void => undefined;
  const happened = new Promise<void>((resolve) => {
    begin = resolve;
  }).then(happens);
  happened.catch(() => undefined);
  const phase: Progress['phase'] = (name, total) => {
    if (!name.startsWith('rush')) return silent.phase(name, total);
    return {
      update: (done) => {
        if (done >= buyers * atShare) begin();
      },
      end: () => begin(),
    };
  };
  return { progress: { ...silent, phase }, happened };
}
