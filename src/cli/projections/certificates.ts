/** Certificates as files: where they are put, and what is said of them. */
import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { type Certificate, certificateSchema } from '../../rebuild/certificate.ts';
import { exitCodes, RefusedError } from './exit.ts';

export type KeptCertificate = { readonly path: string; readonly digest: string };

/**
 * Into `file`, else into the data folder, else into the current folder; whole or not at all. Rejects with `RefusedError`
 * where the file cannot be written.
 */
export const keepCertificate = async (
  certificate: Certificate,
  { dataDir }: Pick<Config, 'dataDir'>,
  file?: string,
): Promise<KeptCertificate> => {
  const path = resolve(
    file ?? join(existsSync(dataDir) ? join(dataDir, 'certificates') : '.', nameOf(certificate)),
  );
  const text = `${JSON.stringify(certificateSchema.parse(certificate), undefined, 2)}\n`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const unfinished = `${path}.${process.pid}.tmp`;
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${certificate.projection}: the certificate could not be written to ${path} (${why}).`;
    throw new RefusedError('certificate_not_written', message, exitCodes.notRun);
  }
  return { path, digest: certificate.digest };
};

const nameOf = ({ projection, work, to }: Certificate): string => `${projection}-${work}-${to}.json`;

export const renderCertificate = (name: string, certificate: Certificate, kept: KeptCertificate): string => {
  const { applied, skipped, ignored } = certificate.events;
  const [done, left, other] = [applied, skipped, ignored].map(sum);
  return (
    `${name}: events up to position ${certificate.to}: ${done} applied, ${left} skipped, ${other} ignored.\n` +
    `${name}: certificate ${kept.path}, digest ${kept.digest}`
  );
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
