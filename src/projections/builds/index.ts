/** Read models built anew from the log, beside the live ones. */
export { type BuildDeps, createSqlRebuildables } from './sql-rebuildable.ts';
