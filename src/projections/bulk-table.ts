/** What `bulk.ts` has to know of a table, said where its rows are described. */

export type BulkType = 'smallint' | 'integer' | 'bigint' | 'boolean' | 'text';

/** A table as it is written to: every column of its rows, in whatever order. */
export type BulkTable<Row> = {
  readonly name: string;
  /** Without one, rows are only ever added. */
  readonly key?: readonly (keyof Row & string)[];
  readonly columns: { readonly [Name in keyof Row & string]: BulkType };
};
