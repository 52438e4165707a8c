/**
 * Where groups outlive the server: one checksummed JSON row each, with settings and checkpoint. The real
 * server writes checkpoints as events; a row that is overwritten does the same without making the log grow.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CorruptRecordError } from '../store/corrupt.ts';
import type { Tables } from '../store/open.ts';
import { StoreWriteError } from '../store/writer.ts';
import { type GroupName, subscriptionIdOf } from './names.ts';
import type { GroupSettings } from './settings.ts';

const FORMAT = 1;
const CHECKSUM_BYTES = 4;

export type GroupRow = GroupName & {
  readonly settings: GroupSettings;
  /**
   * The first revision or position to deliver while there is no checkpoint: `end` as it was when asked for.
   */
  readonly beginAt: number;
  /** The last revision or position that needs no delivery any more. */
  readonly checkpoint: number | null;
};

/**
 * What is stored. A damaged row does not tell its name, but the key of whoever asks for the group finds it.
 */
export type StoredGroups = {
  readonly rows: readonly GroupRow[];
  readonly damaged: ReadonlyMap<string, CorruptRecordError>;
};

export const loadGroups = ({ groups }: Tables): StoredGroups => {
  const rows: GroupRow[] = [];
  const damaged = new Map<string, CorruptRecordError>();
  for (const { key, value } of groups.getRange({})) {
    try {
      rows.push(decode(value));
    } catch (error) {
      if (!(error instanceof CorruptRecordError)) throw error;
      damaged.set(key.toString('hex'), error);
    }
  }
  return { rows, damaged };
};

/** Durable when it returns. Throws StoreWriteError when the store cannot write. */
export const saveGroup = (tables: Tables, row: GroupRow): void =>
  change(tables, () => tables.groups.putSync(Buffer.from(groupKey(row), 'hex'), encode(row)));

export const removeGroup = (tables: Tables, name: GroupName): void =>
  change(tables, () => tables.groups.removeSync(Buffer.from(groupKey(name), 'hex')));

const change = (tables: Tables, write: () => unknown): void => {
  try {
    tables.env.transactionSync(write);
  } catch (cause) {
    throw new StoreWriteError(`the store cannot write: ${(cause as Error).message}`, { cause });
  }
};

/** A digest in hex, because names may be longer than a key of the store. */
export const groupKey = (name: GroupName): string =>
  createHash('sha256')
    .update(`${name.stream.length}:${subscriptionIdOf(name)}`)
    .digest('hex');

const encode = (row: GroupRow): Buffer => {
  const json = Buffer.from(JSON.stringify({ format: FORMAT, ...row }));
  const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + json.length);
  bytes.writeUInt32LE(crc32(json), 0);
  json.copy(bytes, CHECKSUM_BYTES);
  return bytes;
};

const decode = (bytes: Buffer): GroupRow => {
  const json = bytes.subarray(CHECKSUM_BYTES);
  if (bytes.length <= CHECKSUM_BYTES || crc32(json) !== bytes.readUInt32LE(0)) {
    throw new CorruptRecordError('the row of a persistent subscription group fails its checksum');
  }
  // Written by `encode` alone, and unchanged since: the checksum says so.
  const { format, ...row } = JSON.parse(json.toString()) as GroupRow & { format: number };
  if (format !== FORMAT) throw new CorruptRecordError(`a persistent subscription group has format ${format}`);
  return row;
};
