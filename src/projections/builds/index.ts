/** Read models built anew from the log, beside the live ones. */
export type { BuildDeps, DroppedBuild } from './deps.ts';
export { forgetSwapInSql, owedSwapsInSql } from './owed.ts';
export { createSqlRebuildables } from './sql-rebuildable.ts';
