/** The engine's own tables beside the read models: no projection fills them, and no rebuild touches them. */
import type { PersonKeyId } from '../domain/shared/personal-data.ts';
import type { PaymentTables } from '../payments/tables.ts';
import type { Columns } from '../projections/columns.ts';

type SnapshotRow = { stream: string; revision: string; bytes: Uint8Array };
type PersonKeyRow = { id: PersonKeyId; wrapped: string | null };
type WorkerLeaseRow = { worker_id: number; until_ms: number; holder: string | null };
type ProcessCheckpointRow = { name: string; position: string };
type WorkLeaseRow = { name: string; holder: string; until: Date };

export type EngineTables = PaymentTables & {
  snapshot: SnapshotRow;
  person_key: PersonKeyRow;
  worker_lease: Columns<WorkerLeaseRow, 'until_ms'>;
  process_checkpoint: ProcessCheckpointRow;
  work_lease: WorkLeaseRow;
};
