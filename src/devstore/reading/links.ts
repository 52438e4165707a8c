/** Links: events of type `$>` whose data `revision@stream` names the event they stand for. */
import { eventOf, type Log, rowOf } from '../store/log.ts';
import { dataOf, type StoredRecord } from '../store/record.ts';
import { firstReadableRevision } from '../store/stream-row.ts';
import type { ResolvedRecord } from '../wire/read-response.ts';

const LINK_TYPE = '$>';

/** With `resolveLinks`, a link comes with its target, or alone where the target is gone or never was. */
export const resolve = (log: Log, record: StoredRecord, resolveLinks: boolean): ResolvedRecord => {
  if (!resolveLinks || record.type !== LINK_TYPE) return { event: record, link: undefined };
  return { event: targetOf(log, record), link: record };
};

const targetOf = (log: Log, link: StoredRecord): StoredRecord | undefined => {
  const data = dataOf(link).toString();
  const at = data.indexOf('@');
  const revision = Number(data.slice(0, at));
  const stream = data.slice(at + 1);
  if (at < 1 || !Number.isSafeInteger(revision)) return undefined;
  const row = rowOf(log, stream);
  if (row === undefined || row.tombstoned) return undefined;
  if (revision < firstReadableRevision(row) || revision > row.lastRevision) return undefined;
  return eventOf(log, stream, row, revision);
};
