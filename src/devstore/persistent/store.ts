/**
 * Where groups outlive the server: one checksummed JSON row each, with settings and checkpoint. The real server
 * writes checkpoints as events; a row that is overwritten does the same without making the log grow.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Tables } from '../store/open.ts';
import { CorruptRecordError } from '../store/record.ts';
import { StoreWriteError } from '../store/writer.ts';
import { type GroupName, subscriptionIdOf } from './names.ts';
import type { GroupSettings } from './settings.ts';

const FORMAT = 1;
const CHECKSUM_BYTES = 4;

export type GroupRow = GroupName & {
  readonly settings: GroupSettings;
  /** The first revision or position to deliver while there is no checkpoint: `end` as it was when asked for. */
  readonly beginAt: number;
  /** The last revision or position that needs no delivery any more. */
  readonly checkpoint: number | null;
};

/** Throws CorruptRecordError where a row fails its checksum: a group that was promised must not be forgotten. */
export const loadGroups = ({ groups }: Tables): readonly GroupRow[] =>
  [...groups.getRange({})].map(({ value }) => decode(value));

/** Durable when it returns. Throws StoreWriteError when the store cannot write. */
export const saveGroup = (tables: Tables, row: GroupRow): void =>
  change(tables, () => tables.groups.putSync(keyOf(row), encode(row)));

export const removeGroup = (tables: Tables, name: GroupName): void =>
  change(tables, () => tables.groups.removeSync(keyOf(name)));

const change = (tables: Tables, write: () => unknown): void => {
  try {
    tables.env.transactionSync(write);
  } catch (cause) {
    throw new StoreWriteError(`the store cannot write: ${(cause as Error).message}`, { cause });
  }
};

/** Names may be longer than a key. */
const keyOf = (name: GroupName): Buffer =>
  createHash('sha256')
    .update(`${name.stream.length}:${subscriptionIdOf(name)}`)
    .digest();

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
  const { format, ...row } = JSON.parse(json.toString()) as GroupRow & { format: number };
  if (format !== FORMAT) throw new CorruptRecordError(`a persistent subscription group has format ${format}`);
  return row;
};
